-- What was held for each task of the period, and what left the hold again, differ by what the task still holds: nothing once it has ended.
with task as (
    select t.task_id, t.tenant_id, t.task_uuid, t.price_per_result * t.number_results as price, coalesce(o.held, 0) as rest
      from tasks t left join open_tasks o using (task_id)
     where t.accepted_at >= $1 and t.accepted_at < $2
),
-- Not cut off at the end of the period: a task that was accepted in it may end after it.
moved as (
    select tenant_id, task_id, task_uuid, count(*) filter (where kind = 'hold') as holds,
           coalesce(sum(amount) filter (where kind = 'hold'), 0)::bigint as held,
           coalesce(sum(amount) filter (where kind <> 'hold'), 0)::bigint as freed,
           min(at) filter (where kind = 'hold') as held_at
      from ledger_entries
     where kind in ('hold', 'release', 'capture') and task_id is not null and at >= $1
     group by tenant_id, task_id, task_uuid
),
pair as (
    select coalesce(t.tenant_id, m.tenant_id) as tenant_id, coalesce(t.task_id, m.task_id) as task_id, coalesce(t.task_uuid, m.task_uuid) as task_uuid,
           t.price, coalesce(t.rest, 0) as rest, coalesce(m.holds, 0) as holds, coalesce(m.held, 0) as held, coalesce(m.freed, 0) as freed,
           t.task_id is not null as is_known
      from task t full join moved m on m.task_id = t.task_id
     -- A task of an earlier period has its hold there.
     where t.task_id is not null
        or m.held_at < $2 and not exists (select from tasks k where k.task_id = m.task_id)
),
broken as (
    select *, case
               when not is_known then 'holdForeign'
               when holds = 0 then 'holdLost'
               when holds > 1 then 'holdDoubled'
               when held <> price then 'holdWrongAmount'
               when freed < held - rest then 'releaseLost'
               else 'releaseDoubled'
           end as kind
      from pair
     where held - freed <> rest
)
select kind, tenant_id, task_id::text, format('taskUUID %s task %s', task_uuid, task_id),
       case when is_known then format('a hold of %s micro-USD, %s of it left', price, rest) else 'a task for each hold' end,
       format('%s of %s micro-USD together, %s freed', case holds when 1 then '1 hold' else holds || ' holds' end, held, freed),
       format('reconcile rebuild --tenant %s', tenant_id)
  from broken
 order by 1, 2, 3
