-- What customers paid beside what the engines cost us. Both sides by themselves: a task may have cost us and brought nothing, and calls of engines
-- that cost nothing are not written down.
with charged as (
    select /*charged-group*/ as group_name, count(*) filter (where e.kind = 'capture') as results,
           sum(case e.kind when 'refund' then -e.amount else e.amount end)::bigint as charged
      from ledger_entries e
     where e.kind in ('capture', 'refund') and e.at >= $1 and e.at < $2 /*tenant*/
     group by 1
),
spent as (
    select /*spent-group*/ as group_name, count(*) as calls, sum(e.cost)::bigint as cost
      from engine_calls e
     where e.at >= $1 and e.at < $2 /*tenant*/
     group by 1
)
select group_name, coalesce(c.results, 0), coalesce(s.calls, 0), coalesce(c.charged, 0), coalesce(s.cost, 0)
  from charged c full join spent s using (group_name)
 order by group_name
