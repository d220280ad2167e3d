-- Books one credit (or, negative, debit) under a reference that can be booked once, with its audit entry.
with account as materialized (
    select tenant_id, balance, held, credit_limit from accounts where tenant_id = $1 for update
),
earlier as (
    select entry_id, at, kind, amount, balance_after, reason from ledger_entries where tenant_id = $1 and reference = $3
),
-- All columns as they were locked: PostgreSQL tests the table's checks on the row of the snapshot first, and would refuse a debit of
-- money that came while this statement waited.
paying as (
    update accounts a set balance = account.balance + $2, held = account.held, credit_limit = account.credit_limit
      from account
     where a.tenant_id = account.tenant_id
       and not exists (select from earlier)
       and account.balance + account.credit_limit - account.held + least($2, 0) >= 0
    returning a.balance, a.held
),
entering as (
    insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, reference, reason)
    select $1, case when $2 < 0 then 'debit' else 'credit' end, abs($2), balance, held, $3, $4 from paying
    returning entry_id, at, kind, amount, balance_after, reason
),
auditing as (
    insert into audit_log (actor, action, tenant_id, subject, before, after)
    select $5, 'credits.' || kind, $1, $3, jsonb_build_object('balance', balance_after - $2),
           jsonb_build_object('balance', balance_after, 'amount', $2, 'reason', reason)
      from entering
)
select case when exists (select from account) then 'short' end as outcome,
       null::bigint as entry_id, null::timestamptz as at, null::text as kind, null::bigint as amount, null::bigint as balance_after, null::text as reason
 where not exists (select from paying) and not exists (select from earlier)
union all
select 'booked', * from entering
union all
select 'known', * from earlier
