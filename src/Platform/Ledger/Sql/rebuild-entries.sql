-- Books what the holds of a tenant's tasks lack: a release where more was held than left and is still needed, a hold where less was. The balances
-- in them are right once the account is summed up, which follows in the same transaction.
with task as (
    select t.task_id, t.task_uuid, t.model,
           case when o.task_id is null then 0
                else t.price_per_result * t.number_results - coalesce((select sum(r.cost) from task_results r where r.task_id = t.task_id), 0)
           end as rest
      from tasks t left join open_tasks o using (task_id)
     where t.tenant_id = $1
),
moved as (
    select task_id, task_uuid, model, sum(case kind when 'hold' then amount else -amount end) as held
      from ledger_entries
     where tenant_id = $1 and kind in ('hold', 'release', 'capture') and task_id is not null
     group by task_id, task_uuid, model
),
total as (
    select coalesce(sum(case when kind in ('credit', 'grant', 'refund', 'adjustment') then amount
                             when kind in ('debit', 'expiry', 'capture') then -amount else 0 end), 0)::bigint as balance,
           coalesce(sum(case when kind = 'hold' then amount when kind in ('release', 'capture') then -amount else 0 end), 0)::bigint as held
      from ledger_entries where tenant_id = $1
),
lacking as (
    select coalesce(t.task_id, m.task_id) as task_id, coalesce(t.task_uuid, m.task_uuid) as task_uuid, coalesce(t.model, m.model) as model,
           (coalesce(t.rest, 0) - coalesce(m.held, 0))::bigint as amount
      from task t full join moved m using (task_id)
     where coalesce(t.rest, 0) <> coalesce(m.held, 0)
)
insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, model, reason)
select $1, case when l.amount > 0 then 'hold' else 'release' end, abs(l.amount), t.balance,
       t.held + sum(l.amount) over (order by l.task_id), l.task_id, l.task_uuid, l.model, 'Rebuilt: the entry was missing'
  from lacking l cross join total t
 order by l.task_id
