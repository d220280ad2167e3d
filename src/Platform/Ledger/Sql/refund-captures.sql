-- What was captured for a task ($2) or one result ($3) of a tenant. A taskUUID may be used again after a month: the newest task that had it counts.
-- $4: not before; a task that is still known tells when it was accepted.
select e.task_id, e.task_uuid, e.audio_uuid, e.model, e.amount
  from ledger_entries e
 where e.tenant_id = $1 and e.kind = 'capture' and e.at >= $4
   and ($2::uuid is null or e.task_uuid = $2) and ($3::uuid is null or e.audio_uuid = $3)
   and e.task_id = (select n.task_id from ledger_entries n
                     where n.tenant_id = $1 and n.kind = 'capture' and n.at >= $4
                       and ($2::uuid is null or n.task_uuid = $2) and ($3::uuid is null or n.audio_uuid = $3)
                     order by n.entry_id desc limit 1)
 order by e.entry_id
