-- What was charged, one row for each capture (and, negative, for each refund), in the order of the ledger: the same rows it holds, explained by
-- their task or, once that is forgotten, by what was kept of it.
select e.at, e.tenant_id, n.name, e.task_uuid, e.audio_uuid, e.model, k.prefix, t.units, t.micro_usd_per_million,
       case e.kind when 'refund' then -e.amount else e.amount end, t.price_version, t.state
  from ledger_entries e
  join tenants n on n.tenant_id = e.tenant_id
  left join lateral (
           select key_id, case state when 'open' then 'running' else state end as state, price_version, units, micro_usd_per_million
             from tasks where task_id = e.task_id
           union all
           select key_id, state, price_version, units, micro_usd_per_million from billed_tasks where task_id = e.task_id
            limit 1) t on true
  left join api_keys k on k.key_id = t.key_id
 where e.kind in ('capture', 'refund') and e.at >= $1 and e.at < $2 /*tenant*/
 order by e.entry_id
