-- Each charged result of the period has exactly one capture, of its cost, and each capture of a task that is still known has its result.
-- Both are written by one transaction and carry its time, so that a period cuts neither off from the other.
with result as (
    select t.tenant_id, t.task_id, t.task_uuid, r.audio_uuid, r.cost
      from task_results r join tasks t using (task_id)
     where r.finished_at >= $1 and r.finished_at < $2
),
capture as (
    select tenant_id, task_id, task_uuid, audio_uuid, count(*) as entries, sum(amount)::bigint as amount, min(amount) as one, min(entry_id) as entry_id
      from ledger_entries
     where kind = 'capture' and at >= $1 and at < $2
     group by tenant_id, task_id, task_uuid, audio_uuid
),
pair as (
    select coalesce(r.tenant_id, c.tenant_id) as tenant_id, coalesce(r.task_uuid, c.task_uuid) as task_uuid,
           coalesce(r.audio_uuid, c.audio_uuid) as audio_uuid, r.cost, c.amount, c.one, coalesce(c.entries, 0) as entries, c.entry_id, c.task_id,
           r.audio_uuid is not null as has_result
      from result r full join capture c on c.audio_uuid = r.audio_uuid and c.tenant_id = r.tenant_id
),
broken as (
    select p.*, case
               when not has_result then 'captureForeign'
               when entries = 0 then 'captureLost'
               when entries > 1 then 'captureDoubled'
               else 'captureWrongAmount'
           end as kind
      from pair p
     where has_result and (entries > 1 or (entries = 0 and cost > 0) or amount <> cost)
        or not has_result and exists (select from tasks t where t.task_id = p.task_id)
)
select kind, tenant_id, coalesce(audio_uuid::text, 'entry-' || entry_id),
       format('taskUUID %s audioUUID %s%s', task_uuid, audio_uuid, ' entry ' || entry_id),
       case when has_result then format('1 capture of %s micro-USD', cost) else 'a result for each capture' end,
       case entries when 0 then 'no capture' when 1 then format('1 capture of %s micro-USD', amount)
                    else format('%s captures of %s micro-USD together', entries, amount) end,
       format('credits adjust --tenant %s --amount %s --reference repair:%s:%s --reason "Reconciliation: %s"', tenant_id,
              trim_scale((coalesce(amount, 0) - coalesce(cost, 0)) / 1000000.0), kind, coalesce(audio_uuid::text, 'entry-' || entry_id), kind)
  from broken
 order by 1, 2, 3
