-- Each account against all its entries, at this moment. A period means nothing here: a balance is the sum of everything.
with leg as (
    select e.tenant_id,
           coalesce(sum(e.amount) filter (where k.to_account = 'tenant_available'), 0)
               - coalesce(sum(e.amount) filter (where k.from_account = 'tenant_available'), 0) as available,
           coalesce(sum(e.amount) filter (where k.to_account = 'tenant_held'), 0)
               - coalesce(sum(e.amount) filter (where k.from_account = 'tenant_held'), 0) as held,
           max(e.entry_id) as newest, count(*) filter (where k.kind is null) as unknown_kinds
      from ledger_entries e left join ledger_kinds k using (kind)
     group by e.tenant_id
),
account as (
    select a.tenant_id, a.balance, a.held, a.credit_limit, n.billing, coalesce(l.available, 0)::bigint as available_sum,
           coalesce(l.held, 0)::bigint as held_sum, coalesce(l.unknown_kinds, 0) as unknown_kinds,
           newest.balance_after, newest.held_after, newest.entry_id
      from accounts a
      join tenants n using (tenant_id)
      left join leg l using (tenant_id)
      left join ledger_entries newest on newest.tenant_id = a.tenant_id and newest.entry_id = l.newest
),
broken as (
    select 'balanceOff' as kind, tenant_id, format('%s micro-USD, the sum of its entries', available_sum + held_sum) as expected,
           format('%s micro-USD', balance) as found, format('reconcile rebuild --tenant %s', tenant_id) as repair
      from account where balance <> available_sum + held_sum
    union all
    select 'heldOff', tenant_id, format('%s micro-USD, the sum of its entries', held_sum), format('%s micro-USD', held),
           format('reconcile rebuild --tenant %s', tenant_id)
      from account where held <> held_sum
    union all
    select 'newestEntryOff', tenant_id, format('balance %s, held %s', balance, held),
           format('balance %s, held %s after entry %s', balance_after, held_after, entry_id), format('reconcile rebuild --tenant %s', tenant_id)
      from account where balance_after <> balance or held_after <> held
    union all
    select 'availableNegative', tenant_id, 'at least 0 micro-USD', format('%s micro-USD', balance + credit_limit - held),
           format('credits adjust --tenant %s --amount %s --reference repair:availableNegative:%s --reason "Reconciliation: availableNegative"',
                  tenant_id, trim_scale((held - balance - credit_limit) / 1000000.0), tenant_id)
      from account where balance + credit_limit - held < 0
    union all
    select 'prepaidWithLimit', tenant_id, 'no credit limit', format('%s micro-USD', credit_limit),
           format('tenants set --tenant %s --credit-limit 0', tenant_id)
      from account where billing = 'prepaid' and credit_limit > 0
    union all
    select 'kindUnknown', tenant_id, 'entries of known kinds', format('%s of others', unknown_kinds),
           format('psql -c "select * from ledger_entries where tenant_id = ''%s'' and kind not in (select kind from ledger_kinds)"', tenant_id)
      from account where unknown_kinds > 0
    union all
    select 'accountLost', l.tenant_id, 'an account', 'none',
           format('psql -c "insert into accounts (tenant_id) values (''%s'')" && platform reconcile rebuild --tenant %s', l.tenant_id, l.tenant_id)
      from leg l where not exists (select from accounts a where a.tenant_id = l.tenant_id)
)
select kind, tenant_id, tenant_id::text, 'account', expected, found, repair
  from broken
 where $1::timestamptz < $2::timestamptz
 order by 1, 2
