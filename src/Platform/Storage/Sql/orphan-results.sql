-- Of files by their task, attempt and index those that nothing can name any more: no result does, and no attempt is at work that may still
-- hand them over. A task that is no longer open cannot get a result, and an attempt that lost its lease is refused by the fence; the number
-- of an attempt that was handed back is given again, so that its file waits until its task has ended.
select f.blob_key
  from unnest($1::text[], $2::uuid[], $3::smallint[], $4::smallint[]) as f(blob_key, task_id, attempt, result_index)
 where (select true from task_results r
         where r.task_id = f.task_id and r.result_index = f.result_index and r.blob_key = f.blob_key and r.deleted_at is null) is null
   and (select true from open_tasks o
         where o.task_id = f.task_id and o.attempt = f.attempt and o.lease_token is not null) is null
