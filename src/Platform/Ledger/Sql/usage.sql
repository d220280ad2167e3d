-- A tenant's usage up to this moment: its days, and the few entries that no sweep has added to them yet. One statement and so one snapshot,
-- in which an entry is in the days or after them, never both.
with days as (
    select day, credits, requests from usage_days where tenant_id = $1
    union all
    select (e.at at time zone 'UTC')::date, case e.kind when 'capture' then e.amount when 'refund' then -e.amount else 0 end,
           case e.kind when 'hold' then 1 else 0 end
      from ledger_entries e
     where e.tenant_id = $1
       and e.entry_id > coalesce((select p.entry_id from usage_progress p where p.tenant_id = $1), 0)
)
select coalesce(sum(credits), 0)::bigint, coalesce(sum(requests), 0)::bigint,
       coalesce(sum(credits) filter (where day >= $2), 0)::bigint, coalesce(sum(requests) filter (where day >= $2), 0)::bigint,
       coalesce(sum(credits) filter (where day > $2 - 7), 0)::bigint, coalesce(sum(requests) filter (where day > $2 - 7), 0)::bigint,
       coalesce(sum(credits) filter (where day > $2 - 30), 0)::bigint, coalesce(sum(requests) filter (where day > $2 - 30), 0)::bigint
  from days
