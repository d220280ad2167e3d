-- The same rows as costs.sql, summed up; /*group*/ is what for. A refund takes from the amount and is counted by itself.
select /*group*/ as group_name, e.tenant_id, n.name, count(*) filter (where e.kind = 'capture'),
       coalesce(sum(coalesce(e.units, t.units, b.units)) filter (where e.kind = 'capture'), 0)::bigint,
       sum(case e.kind when 'refund' then -e.amount else e.amount end)::bigint
  from ledger_entries e
  join tenants n on n.tenant_id = e.tenant_id
  left join tasks t on t.task_id = e.task_id
  left join billed_tasks b on b.task_id = e.task_id
  left join api_keys k on k.key_id = coalesce(t.key_id, b.key_id)
 where e.kind in ('capture', 'refund') and e.at >= $1 and e.at < $2 /*tenant*/
 group by 1, e.tenant_id, n.name
 order by 1, n.name, e.tenant_id
