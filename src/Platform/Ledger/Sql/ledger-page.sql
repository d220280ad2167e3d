-- A page of a tenant's entries, newest first: along the primary key, so that the next page begins where this one ended.
select entry_id, at, kind, amount, balance_after, task_uuid, audio_uuid, model, reference, reason
  from ledger_entries
 where tenant_id = $1 and entry_id < $2 and at >= $3 and at < $4
 order by entry_id desc
 limit $5
