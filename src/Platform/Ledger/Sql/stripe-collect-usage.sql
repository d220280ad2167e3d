-- Makes meter events of the entries that came since the last time: for each tenant one an hour (UTC), at most $1 entries of a tenant at once. A
-- tenant's entries get their ids under its account's lock, so that none with a smaller id can appear later; a tenant whose row another node holds is
-- left to that node. Entries of a time when the tenant was prepaid are paid already.
with due as materialized (
    select p.tenant_id, p.entry_id, c.customer
      from stripe_usage_progress p
      join stripe_customers c using (tenant_id)
      join tenants t using (tenant_id)
     where (t.billing = 'postpaid' or p.entry_id < (select max(b.after_entry) from billing_changes b where b.tenant_id = p.tenant_id))
       and exists (select from ledger_entries e where e.tenant_id = p.tenant_id and e.entry_id > p.entry_id)
     order by p.tenant_id
       for update of p skip locked
),
fresh as materialized (
    select d.tenant_id, d.customer, e.entry_id, e.at, e.kind, e.amount
      from due d
     cross join lateral (
           select entry_id, at, kind, amount
             from ledger_entries l
            where l.tenant_id = d.tenant_id and l.entry_id > d.entry_id
            order by l.entry_id
            limit $1) e
),
billed as (
    select f.tenant_id, f.customer, f.entry_id, f.at, case f.kind when 'capture' then f.amount else -f.amount end as amount
      from fresh f
     cross join lateral (
           select billing from billing_changes b
            where b.tenant_id = f.tenant_id and b.after_entry < f.entry_id
            order by b.after_entry desc, b.change_id desc limit 1) b
     where f.kind in ('capture', 'refund') and b.billing = 'postpaid'
),
adding as (
    -- Usage that refunds took back at once has nothing to send.
    insert into stripe_usage (tenant_id, customer, first_entry, last_entry, value, at, identifier, state, sent_at)
    select tenant_id, customer, min(entry_id), max(entry_id), sum(amount)::bigint, max(at),
           'usage-' || tenant_id || '-' || min(entry_id) || '-' || max(entry_id),
           case sum(amount) when 0 then 'sent' else 'due' end, case sum(amount) when 0 then now() end
      from billed
     group by tenant_id, customer, date_trunc('hour', at, 'UTC')
),
moving as (
    update stripe_usage_progress p
       set entry_id = f.newest
      from (select tenant_id, max(entry_id) as newest from fresh group by tenant_id) f
     where p.tenant_id = f.tenant_id
)
select count(*) from fresh
