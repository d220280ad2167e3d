-- Files of the tasks $1 that are still stored. Looked for task by task: a plan made while the table was small would else read all of it.
-- "Is true" keeps the index of all stored files out of it, which a table without statistics would be asked for each task.
select r.audio_uuid, r.blob_key
  from unnest($1::uuid[]) as t(task_id)
 cross join lateral (
    select audio_uuid, blob_key from task_results where task_id = t.task_id and (deleted_at is null) is true offset 0
 ) r
