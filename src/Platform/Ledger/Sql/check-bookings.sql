-- Each booking of the period by an operator or a payment stands in the audit log with its amount, and each grant has its promotion and the reverse.
with booking as (
    select tenant_id, entry_id, kind, amount, reference, case when kind in ('debit', 'expiry') then -amount else amount end as signed
      from ledger_entries
     where kind in ('credit', 'debit', 'adjustment', 'grant', 'expiry') and reference not like 'rebuild:%' and at >= $1 and at < $2
),
audited as (
    select tenant_id, subject, max((after ->> 'amount')::bigint) as amount
      from audit_log
     where action in ('credits.credit', 'credits.debit', 'credits.adjustment', 'credits.grant', 'credits.expiry') and at >= $1
     group by tenant_id, subject
),
granted as (
    select b.tenant_id, b.entry_id, b.amount, b.reference from booking b where b.kind = 'grant'
),
broken as (
    select case when a.subject is null then 'auditLost' else 'auditWrongAmount' end as kind, b.tenant_id, b.entry_id::text as key,
           format('entry %s (%s) reference %s', b.entry_id, b.kind, b.reference) as subject, format('an audit record of %s micro-USD', b.signed) as expected,
           coalesce(format('one of %s micro-USD', a.amount), 'none') as found, 'what was found out about this booking' as text
      from booking b left join audited a on a.tenant_id = b.tenant_id and a.subject = b.reference
     where a.subject is null or a.amount <> b.signed
    union all
    select case when p.promotion_id is null then 'promotionLost' else 'promotionWrongAmount' end, g.tenant_id, g.entry_id::text,
           format('entry %s reference %s', g.entry_id, g.reference), format('a promotion of %s micro-USD', g.amount),
           coalesce(format('one of %s micro-USD', p.amount), 'none'), 'what was found out about this grant'
      from granted g left join promotions p on p.tenant_id = g.tenant_id and p.reference = g.reference
     where p.promotion_id is null or p.amount <> g.amount
    union all
    select 'grantLost', p.tenant_id, p.promotion_id::text, format('promotion %s', p.reference), format('a grant of %s micro-USD', p.amount), 'none',
           'what was found out about this promotion'
      from promotions p
     where p.granted_at >= $1 and p.granted_at < $2
       and not exists (select from ledger_entries e where e.tenant_id = p.tenant_id and e.reference = p.reference and e.kind = 'grant')
    union all
    select 'promotionOverdue', p.tenant_id, p.promotion_id::text, format('promotion %s', p.reference), format('to have expired at %s', p.expires_at),
           format('%s micro-USD of it left', p.remaining), 'why no scheduler has let this promotion expire'
      from promotions p
     where p.closed_at is null and p.remaining > 0 and p.expires_at < now() - interval '1 hour'
       and not exists (select from open_tasks o where o.tenant_id = p.tenant_id)
)
select kind, tenant_id, key, subject, expected, found,
       format('audit note --tenant %s --subject repair:%s:%s --text "%s"', tenant_id, kind, key, text)
  from broken
 order by 1, 2, 3
