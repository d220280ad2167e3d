-- Renews the leases of running tasks; an id that does not come back was cancelled, expired or claimed by another.
with held as (
    select t.task_id
      from tasks t join unnest($1::uuid[], $2::uuid[]) as mine(task_id, lease_token) using (task_id)
     where t.state = 'running' and t.lease_token = mine.lease_token
     order by t.task_id
       for update of t
)
update tasks t set lease_until = now() + $3 from held where t.task_id = held.task_id
returning t.task_id
