-- Makes a locked account ($1) the sum of its entries, counts its open tasks and their holds, lets its usage be counted anew, and marks the place in its ledger.
with total as (
    select coalesce(sum(case when kind in ('credit', 'grant', 'refund', 'adjustment') then amount
                             when kind in ('debit', 'expiry', 'capture') then -amount else 0 end), 0)::bigint as balance,
           coalesce(sum(case when kind = 'hold' then amount when kind in ('release', 'capture') then -amount else 0 end), 0)::bigint as held
      from ledger_entries where tenant_id = $1
),
before as (
    select balance, held, open_tasks from accounts where tenant_id = $1
),
paying as (
    update accounts a
       set balance = t.balance, held = t.held, open_tasks = (select count(*) from open_tasks o where o.tenant_id = $1)
      from total t
     where a.tenant_id = $1
    returning a.balance, a.held, a.open_tasks
),
holding as (
    update open_tasks o
       set held = t.price_per_result * t.number_results - coalesce((select sum(r.cost) from task_results r where r.task_id = t.task_id), 0)
      from tasks t
     where o.tenant_id = $1 and t.task_id = o.task_id
       and o.held <> t.price_per_result * t.number_results - coalesce((select sum(r.cost) from task_results r where r.task_id = t.task_id), 0)
),
forgetting as (
    delete from usage_days where tenant_id = $1
),
starting_over as (
    insert into usage_progress (tenant_id) values ($1) on conflict (tenant_id) do update set entry_id = 0
),
marking as (
    insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, reference, reason)
    select $1, 'adjustment', 0, balance, held, $3, 'Rebuilt from the entries' from paying
),
auditing as (
    insert into audit_log (actor, action, tenant_id, subject, before, after)
    select $2, 'account.rebuild', $1, $3, to_jsonb(b), to_jsonb(p) from before b cross join paying p
)
select balance, held from paying
