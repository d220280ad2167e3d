-- The same rows as costs.sql, summed up; /*group*/ is what for.
select /*group*/ as group_name, e.tenant_id, n.name, count(*) filter (where e.kind = 'capture'),
       coalesce(sum(t.units) filter (where e.kind = 'capture'), 0)::bigint,
       sum(case e.kind when 'refund' then -e.amount else e.amount end)::bigint
  from ledger_entries e
  join tenants n on n.tenant_id = e.tenant_id
  left join lateral (
           select key_id, units from tasks where task_id = e.task_id
           union all
           select key_id, units from billed_tasks where task_id = e.task_id
            limit 1) t on true
  left join api_keys k on k.key_id = t.key_id
 where e.kind in ('capture', 'refund') and e.at >= $1 and e.at < $2 /*tenant*/
 group by 1, e.tenant_id, n.name
 order by 1, n.name, e.tenant_id
