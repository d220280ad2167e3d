-- Refunds, promotional credit that expires, and accounts for both.

-- The rest of a promotion goes back where it came from, so that neither touches what was paid in.
insert into ledger_kinds values
    ('grant',  'promotional',      'tenant_available'),
    ('expiry', 'tenant_available', 'promotional');

-- No result is refunded twice, whatever the references say.
create unique index one_refund_a_result on ledger_entries (audio_uuid) where kind = 'refund';

-- remaining is what no charge has used up yet, as of the entry that promotion_progress names. swept_at: when expiring began; what was held by then
-- may still be charged to it.
create table promotions (
    promotion_id uuid primary key,
    tenant_id    uuid not null references tenants,
    reference    text not null,
    reason       text not null,
    amount       bigint not null check (amount > 0),
    remaining    bigint not null check (remaining between 0 and amount),
    granted_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    swept_at     timestamptz,
    closed_at    timestamptz,
    unique (tenant_id, reference)
);
create index promotions_open on promotions (tenant_id, expires_at) where closed_at is null;

create table promotion_progress (
    tenant_id uuid primary key references tenants,
    entry_id  bigint not null
);
