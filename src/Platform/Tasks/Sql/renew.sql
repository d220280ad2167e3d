-- Renews the leases of running tasks; an id that does not come back was cancelled, expired or claimed by another.
with held as (
    select o.task_id
      from open_tasks o join unnest($1::uuid[], $2::uuid[]) as mine(task_id, lease_token) using (task_id)
     where o.lease_token = mine.lease_token
     order by o.task_id
       for update of o
)
update open_tasks o set lease_until = now() + $3 from held where o.task_id = held.task_id
returning o.task_id
