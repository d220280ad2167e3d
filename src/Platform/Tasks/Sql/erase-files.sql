-- Files of a tenant's results that are still stored. Looked for task by task: a plan made while the tables were small would else compare each
-- task with every result.
select r.audio_uuid, r.blob_key, t.task_id
  from tasks t
 cross join lateral (
    select audio_uuid, blob_key from task_results where task_id = t.task_id and deleted_at is null offset 0
 ) r
 where t.tenant_id = $1
 limit 500
