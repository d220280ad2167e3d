-- Of tasks that the fence refused: those that this same attempt had settled, in a try whose answer was lost on the way.
-- A result that is stored counts whatever became of its task since: told "refused", the worker would delete the file that was paid for.
-- Nobody is told a second time: whoever waits for one of them looks for itself after a while.
select t.task_id, null::uuid, false
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[]) as s(task_id, lease_token, next_state, audio_uuid)
  join tasks t on t.task_id = s.task_id
 where (t.closed_by = s.lease_token and t.state = s.next_state)
    or (select true from task_results r where r.task_id = s.task_id and r.audio_uuid = s.audio_uuid)
