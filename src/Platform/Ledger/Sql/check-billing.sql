-- Each charge and each refund of the period can be explained: its task is known or what was kept of it, a refund has its capture and is no more than it.
with charge as (
    select e.tenant_id, e.task_id, e.task_uuid, sum(e.amount)::bigint as amount
      from ledger_entries e
     where e.kind = 'capture' and e.at >= $1 and e.at < $2
       and not exists (select from tasks t where t.task_id = e.task_id)
       and not exists (select from billed_tasks b where b.task_id = e.task_id)
     group by e.tenant_id, e.task_id, e.task_uuid
),
refund as (
    select r.tenant_id, r.entry_id, r.audio_uuid, r.amount, coalesce(c.amount, 0) as captured
      from ledger_entries r
      left join (select tenant_id, audio_uuid, sum(amount)::bigint as amount
                   from ledger_entries
                  where kind = 'capture' and audio_uuid in (select b.audio_uuid from ledger_entries b where b.kind = 'refund' and b.at >= $1 and b.at < $2)
                  group by tenant_id, audio_uuid) c
        on c.tenant_id = r.tenant_id and c.audio_uuid = r.audio_uuid
     where r.kind = 'refund' and r.at >= $1 and r.at < $2
)
select 'billedTaskLost', tenant_id, task_id::text, format('taskUUID %s task %s', task_uuid, task_id), 'a task that explains the charge',
       format('none for %s micro-USD', amount),
       format('credits refund --tenant %s --task %s --reference repair:billedTaskLost:%s --reason "Reconciliation: billedTaskLost"',
              tenant_id, task_uuid, task_id)
  from charge
union all
select case captured when 0 then 'refundForeign' else 'refundTooLarge' end, tenant_id, entry_id::text,
       format('entry %s audioUUID %s', entry_id, audio_uuid), format('at most %s micro-USD', captured), format('%s micro-USD', amount),
       format('credits adjust --tenant %s --amount %s --reference repair:%s:%s --reason "Reconciliation: a refund too large"', tenant_id,
              trim_scale((captured - amount) / 1000000.0), case captured when 0 then 'refundForeign' else 'refundTooLarge' end, entry_id)
  from refund
 where amount > captured
 order by 1, 2, 3
