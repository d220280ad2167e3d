-- Adds the entries that came since the last time to the days of their tenants; at most $1 for each tenant, so that no statement is long.
-- A tenant whose row another node holds is left to that node.
with due as materialized (
    select p.tenant_id, p.entry_id
      from usage_progress p
     where exists (select from ledger_entries e where e.tenant_id = p.tenant_id and e.entry_id > p.entry_id)
     order by p.tenant_id
       for update of p skip locked
),
fresh as materialized (
    select d.tenant_id, e.entry_id, e.day, e.kind, e.amount
      from due d
     cross join lateral (
           select entry_id, (at at time zone 'UTC')::date as day, kind, amount
             from ledger_entries l
            where l.tenant_id = d.tenant_id and l.entry_id > d.entry_id
            order by l.entry_id
            limit $1) e
),
adding as (
    insert into usage_days as u (tenant_id, day, credits, requests)
    select tenant_id, day, coalesce(sum(case kind when 'capture' then amount when 'refund' then -amount end), 0),
           count(*) filter (where kind = 'hold')
      from fresh
     where kind in ('capture', 'refund', 'hold')
     group by tenant_id, day
    on conflict (tenant_id, day) do update set credits = u.credits + excluded.credits, requests = u.requests + excluded.requests
),
moving as (
    update usage_progress p
       set entry_id = f.newest
      from (select tenant_id, max(entry_id) as newest from fresh group by tenant_id) f
     where p.tenant_id = f.tenant_id
)
select count(*) from fresh
