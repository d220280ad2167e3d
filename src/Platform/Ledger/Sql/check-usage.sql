-- Usage by days is the sum of the entries of each whole day (UTC) of the period, as far as the sweep has come.
with span as (
    select greatest(($1 at time zone 'UTC')::date, date '1970-01-02') as first, ($2 at time zone 'UTC')::date as last
),
entry as (
    select e.tenant_id, (e.at at time zone 'UTC')::date as day,
           coalesce(sum(case e.kind when 'capture' then e.amount when 'refund' then -e.amount end), 0)::bigint as credits,
           count(*) filter (where e.kind = 'hold') as requests
      from ledger_entries e
      join usage_progress p on p.tenant_id = e.tenant_id and e.entry_id <= p.entry_id
     where e.kind in ('capture', 'refund', 'hold') and e.at >= $1 and e.at < $2
     group by 1, 2
),
counted as (
    select u.* from usage_days u, span s where u.day >= s.first and u.day <= s.last
)
select 'usageOff', coalesce(e.tenant_id, u.tenant_id), format('%s-%s', coalesce(e.tenant_id, u.tenant_id), coalesce(e.day, u.day)),
       format('usage of %s', coalesce(e.day, u.day)), format('%s micro-USD, %s requests', coalesce(e.credits, 0), coalesce(e.requests, 0)),
       format('%s micro-USD, %s requests', coalesce(u.credits, 0), coalesce(u.requests, 0)),
       format('reconcile rebuild --tenant %s', coalesce(e.tenant_id, u.tenant_id))
  from entry e full join counted u on u.tenant_id = e.tenant_id and u.day = e.day cross join span s
 -- A day that the period cuts off cannot be compared; one that has only just begun is whole as far as it has come.
 where (coalesce(e.day, u.day) > s.first or ($1 at time zone 'UTC')::time = time '00:00')
   and (coalesce(e.day, u.day) < s.last or s.last >= (now() at time zone 'UTC')::date)
   and (coalesce(e.credits, 0) <> coalesce(u.credits, 0) or coalesce(e.requests, 0) <> coalesce(u.requests, 0))
 order by 2, 3
