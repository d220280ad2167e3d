-- What was charged, one row for each capture (and, negative, for each refund), in the order of the ledger: the same rows it holds, explained by
-- their task or, once that is forgotten, by what was kept of it. A statement of its own plan: joins may go either way.
select e.at, e.tenant_id, n.name, e.task_uuid, e.audio_uuid, e.model, k.prefix, coalesce(e.units, t.units, b.units),
       coalesce(t.micro_usd_per_million, b.micro_usd_per_million), case e.kind when 'refund' then -e.amount else e.amount end,
       coalesce(t.price_version, b.price_version),
       case when e.kind = 'refund' then 'refunded' when t.state = 'open' then 'running' else coalesce(t.state, b.state) end,
       coalesce(t.price_terms, b.price_terms) ->> 'unit'
  from ledger_entries e
  join tenants n on n.tenant_id = e.tenant_id
  left join tasks t on t.task_id = e.task_id
  left join billed_tasks b on b.task_id = e.task_id
  left join api_keys k on k.key_id = coalesce(t.key_id, b.key_id)
 where e.kind in ('capture', 'refund') and e.at >= $1 and e.at < $2 /*tenant*/
 order by e.entry_id
