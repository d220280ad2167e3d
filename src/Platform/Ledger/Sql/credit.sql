-- Books one credit, debit or adjustment under a reference that can be booked once, with its audit entry.
with account as materialized (
    select tenant_id, balance, held, credit_limit from accounts where tenant_id = $1 for update
),
earlier as (
    select entry_id, at, kind, amount, balance_after, reason from ledger_entries where tenant_id = $1 and reference = $3
),
-- With $7 a debit takes no more than there is.
booking as (
    select tenant_id, balance, held, credit_limit,
           case when $7 then greatest($2, least(0, held - balance - credit_limit)) else $2 end as amount
      from account
),
-- All columns as they were locked: PostgreSQL tests the table's checks on the row of the snapshot first, and would refuse a debit of
-- money that came while this statement waited.
paying as (
    update accounts a set balance = b.balance + b.amount, held = b.held, credit_limit = b.credit_limit
      from booking b
     where a.tenant_id = b.tenant_id
       and not exists (select from earlier)
       and b.amount <> 0
       and b.balance + b.credit_limit - b.held + least(b.amount, 0) >= 0
    returning a.balance, a.held, b.amount
),
entering as (
    insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, reference, reason)
    select $1, $6, case $6 when 'adjustment' then amount else abs(amount) end, balance, held, $3, $4 from paying
    returning entry_id, at, kind, amount, balance_after, reason
),
auditing as (
    insert into audit_log (actor, action, tenant_id, subject, before, after)
    select $5, 'credits.' || kind, $1, $3, jsonb_build_object('balance', balance_after - p.amount),
           jsonb_build_object('balance', balance_after, 'amount', p.amount, 'reason', reason)
      from entering e cross join (select amount from paying) p
)
select case when exists (select from account) then 'short' end as outcome,
       null::bigint as entry_id, null::timestamptz as at, null::text as kind, null::bigint as amount, null::bigint as balance_after, null::text as reason
 where not exists (select from paying) and not exists (select from earlier)
union all
select 'booked', * from entering
union all
select 'known', * from earlier
