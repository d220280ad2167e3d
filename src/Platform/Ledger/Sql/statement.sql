-- The lines of a tenant's ($1) statement from $2 to $3: what it had, each booking, what was charged and paid back by model and price, what it has.
-- Amounts as the tenant sees them. Holds and releases move nothing out of the account and stand nowhere.
with entry as (
    select e.entry_id, e.at, e.kind, e.model, e.reference, e.reason, e.task_id, e.units,
           case when e.kind in ('debit', 'capture', 'expiry') then -e.amount else e.amount end as amount
      from ledger_entries e
     where e.tenant_id = $1 and e.at < $3 and e.kind not in ('hold', 'release')
),
charged as (
    select case e.kind when 'refund' then 'refund' else 'usage' end as section, e.model, coalesce(t.price_version, b.price_version) as price_version,
           coalesce(coalesce(t.price_terms, b.price_terms) ->> 'unit', 'character') as unit,
           coalesce(t.micro_usd_per_million, b.micro_usd_per_million) as rate, count(*) as results, sum(coalesce(e.units, t.units, b.units))::bigint as units,
           sum(e.amount)::bigint as amount
      from entry e left join tasks t on t.task_id = e.task_id left join billed_tasks b on b.task_id = e.task_id
     where e.kind in ('capture', 'refund') and e.at >= $2
     group by 1, 2, 3, 4, 5
)
select 'opening' as section, $2::timestamptz as at, null::text as description, null::text as reference, null::bigint as results, null::bigint as units,
       null::text as unit, null::bigint as rate, coalesce(sum(amount), 0)::bigint as amount, 0 as rank, 0::bigint as place
  from entry where at < $2
union all
select kind, at, reason, reference, null, null, null, null, amount, 1, entry_id from entry where kind not in ('capture', 'refund') and at >= $2
union all
select section, null, model, price_version, results, units, unit, rate, amount, case section when 'usage' then 2 else 3 end,
       row_number() over (order by model, price_version, rate)
  from charged
union all
select 'closing', $3, null, null, null, null, null, null, coalesce(sum(amount), 0)::bigint, 4, 0 from entry
 order by rank, place
