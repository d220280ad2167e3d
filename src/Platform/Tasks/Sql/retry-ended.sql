-- An operator runs a task again that failed or expired: under a new hold for what is missing, at the price of its acceptance, or not at all.
-- What was finished stays, and an error that was announced no longer stands. Locks: the task, then the account, as everywhere.
with task as materialized (
    select t.task_id, t.tenant_id, t.task_uuid, t.model, t.pool, t.state,
           t.number_results - r.finished as missing, t.price_per_result * (t.number_results - r.finished) as hold,
           n.suspended_at is not null or n.erasure_asked_at is not null as closed,
           octet_length(t.request) = 0 as forgotten
      from tasks t join tenants n using (tenant_id)
     cross join lateral (select count(*) as finished from task_results where task_id = t.task_id) r
     where t.task_id = $1 and t.state in ('failed', 'expired')
       for update of t
),
account as materialized (
    select a.tenant_id, a.balance, a.held, a.credit_limit, a.open_tasks
      from accounts a
     where a.tenant_id in (select tenant_id from task)
       for update
),
fit as materialized (
    select t.*, a.balance, a.held, a.open_tasks
      from task t join account a using (tenant_id)
     where not t.closed and not t.forgotten and t.missing > 0 and a.balance + a.credit_limit - a.held >= t.hold
),
reopening as (
    update tasks t
       set state = 'open', error = null, closed_by = null, finished_at = null, attempt = 0
      from fit f
     where t.task_id = f.task_id
),
queueing as (
    insert into open_tasks (task_id, tenant_id, pool, virtual_start, held, available_at, deadline, capped)
    select f.task_id, f.tenant_id, f.pool, coalesce((select p.virtual_clock from pools p where p.pool = f.pool), 0), f.hold, now(), now() + $3,
           exists (select from capped_tenants c where c.tenant_id = f.tenant_id)
      from fit f
),
holding as (
    update accounts a set balance = f.balance, held = f.held + f.hold, open_tasks = f.open_tasks + 1 from fit f where a.tenant_id = f.tenant_id
),
entering as (
    insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, model)
    select tenant_id, 'hold', hold, balance, held + hold, task_id, task_uuid, model from fit where hold > 0
),
unsaying as (
    delete from webhooks w using fit f where w.task_id = f.task_id and w.result_index is null
),
auditing as (
    insert into audit_log (actor, action, tenant_id, subject, before, after)
    select $2, 'task.retry', tenant_id, task_id::text, jsonb_build_object('state', state), jsonb_build_object('state', 'pending', 'hold', hold)
      from fit
)
select case when closed then 'closed' when forgotten then 'forgotten' when missing <= 0 then 'finished'
            when exists (select from fit) then 'again' else 'unaffordable' end,
       hold
  from task
