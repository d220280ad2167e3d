-- Of tasks that the fence refused: those that this same attempt had settled, in a try whose answer was lost on the way.
-- Nobody is told a second time: whoever waits for one of them looks for itself after a while.
select t.task_id, null::uuid, false
  from unnest($1::uuid[], $2::uuid[], $3::text[]) as s(task_id, lease_token, next_state)
  join tasks t on t.task_id = s.task_id and t.closed_by = s.lease_token and t.state = s.next_state
