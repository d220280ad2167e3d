-- An operator sends an open task to its pool again at once. One that runs loses its lease: its worker is told at its next renewal and the
-- fence refuses what it made; that attempt does not count. The commit is the operator's, with its audit entry.
with task as materialized (
    select o.task_id, o.tenant_id, o.lease_token is not null as runs, o.capped
      from open_tasks o
     where o.task_id = $1
       for update
),
freeing as (
    update open_tasks o
       set available_at = now(), parked = false, lease_token = null, lease_until = null,
           attempt = case when t.runs then o.attempt - 1 else o.attempt end
      from task t
     where o.task_id = t.task_id
),
stopping as (
    update capped_tenants c set running = c.running - 1 from task t where c.tenant_id = t.tenant_id and t.capped and t.runs
),
auditing as (
    insert into audit_log (actor, action, tenant_id, subject, before, after)
    select $2, 'task.retry', tenant_id, task_id::text, jsonb_build_object('state', case when runs then 'running' else 'pending' end),
           jsonb_build_object('state', 'pending')
      from task
)
select runs from task
