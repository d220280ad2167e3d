-- Files of the tasks $1 that are still stored. Looked for task by task: a plan made while the table was small would else read all of it.
select r.audio_uuid, r.blob_key
  from unnest($1::uuid[]) as t(task_id)
 cross join lateral (
    select audio_uuid, blob_key from task_results where task_id = t.task_id and deleted_at is null offset 0
 ) r
