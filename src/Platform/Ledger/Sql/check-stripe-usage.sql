-- Usage of postpaid tenants: each charge and refund in exactly one meter event, with its amount; and what did not get to Stripe.
with entry as materialized (
    select e.tenant_id, e.entry_id, date_trunc('hour', e.at, 'UTC') as hour, case e.kind when 'capture' then e.amount else -e.amount end as amount
      from stripe_usage_progress p
      join ledger_entries e on e.tenant_id = p.tenant_id and e.entry_id > p.since_entry and e.entry_id <= p.entry_id
     cross join lateral (
           select billing from billing_changes b
            where b.tenant_id = e.tenant_id and b.after_entry < e.entry_id order by b.after_entry desc, b.change_id desc limit 1) b
     where e.kind in ('capture', 'refund') and b.billing = 'postpaid' and e.at >= $1 and e.at < $2
),
covered as (
    select e.tenant_id, e.entry_id, e.amount, count(u.usage_id) as events, string_agg(u.identifier, ', ') as identifiers
      from entry e
      left join stripe_usage u on u.tenant_id = e.tenant_id and u.corrects is null
           and e.entry_id between u.first_entry and u.last_entry and date_trunc('hour', u.at, 'UTC') = e.hour
     group by e.tenant_id, e.entry_id, e.amount
),
broken as (
    select case events when 0 then 'usageLost' else 'usageDoubled' end as kind, tenant_id, entry_id::text as key,
           format('entry %s%s', entry_id, case when events > 0 then ', events ' || identifiers else '' end) as subject,
           format('%s micro-USD in one meter event', amount) as expected, format('in %s', events) as found,
           case events when 0 then format('usage add --tenant %s --entry %s', tenant_id, entry_id)
                else format('usage cancel --event %s', split_part(identifiers, ', ', 2)) end as repair
      from covered where events <> 1
    union all
    select 'usageAmount', u.tenant_id, u.identifier, 'event ' || u.identifier, format('%s micro-USD, the sum of its entries', s.amount),
           format('%s micro-USD', u.value), format('usage cancel --event %s', u.identifier)
      from stripe_usage u
     cross join lateral (
           select coalesce(sum(case e.kind when 'capture' then e.amount else -e.amount end), 0)::bigint as amount
             from ledger_entries e
            cross join lateral (
                  select billing from billing_changes b
                   where b.tenant_id = e.tenant_id and b.after_entry < e.entry_id order by b.after_entry desc, b.change_id desc limit 1) b
            where e.tenant_id = u.tenant_id and e.entry_id between u.first_entry and u.last_entry and e.kind in ('capture', 'refund')
              and b.billing = 'postpaid' and date_trunc('hour', e.at, 'UTC') = date_trunc('hour', u.at, 'UTC')) s
     where u.corrects is null and u.at >= $1 and u.at < $2 and s.amount <> u.value
    union all
    select 'usage' || initcap(state), tenant_id, identifier, 'event ' || identifier, format('%s micro-USD at Stripe', value),
           format('not there: %s', coalesce(failure, 'unknown')), format('usage resend --event %s', identifier)
      from stripe_usage where state in ('failed', 'late', 'unsure') and at >= $1 and at < $2
    union all
    select 'usageWaiting', tenant_id, identifier, 'event ' || identifier, format('%s micro-USD at Stripe', value),
           format('%s attempts, none arrived', attempts), 'look at the log of the scheduler: why Stripe does not answer'
      from stripe_usage where state = 'due' and at < now() - interval '1 hour' and at >= $1 and at < $2
)
select kind, tenant_id, key, subject, expected, found, repair from broken order by 1, 2, 3
