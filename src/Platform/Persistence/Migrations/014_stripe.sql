-- Payments through Stripe: who pays for whom, top-ups, what Stripe told us, what it took back, and the usage of postpaid tenants.

-- Automatic top-up: below so much available, pay so much (micro-USD). After a failure none before resumes_at.
create table stripe_customers (
    tenant_id    uuid primary key references tenants,
    customer     text not null unique,
    mapped_at    timestamptz not null default now(),
    auto_below   bigint check (auto_below > 0),
    auto_amount  bigint check (auto_amount >= auto_below),
    failures     integer not null default 0,
    last_failure text,
    resumes_at   timestamptz,
    constraint automatic_whole check ((auto_below is null) = (auto_amount is null))
);

-- The row stands before Stripe is asked, and its id is the idempotency key: a process that dies in between leaves nothing that nobody knows.
create table top_ups (
    top_up_id    uuid primary key,
    tenant_id    uuid not null,
    is_automatic boolean not null,
    saves_card   boolean not null default false,
    amount       bigint not null check (amount > 0 and amount % 10000 = 0),
    reference    text,
    state        text not null default 'open' check (state in ('open', 'paid', 'failed', 'expired')),
    session      text,
    url          text,
    payment      text unique,
    failure      text,
    created_at   timestamptz not null default now(),
    tried_at     timestamptz,
    ended_at     timestamptz
);
create unique index top_up_reference_once on top_ups (tenant_id, reference) where reference is not null;
-- One crossing of the threshold, one payment.
create unique index top_up_automatic_once on top_ups (tenant_id) where is_automatic and state = 'open';
create index top_ups_by_tenant on top_ups (tenant_id, created_at, top_up_id);

-- Every event once, however often it is delivered. The event only names an object; what holds is asked of Stripe.
create table stripe_events (
    event_id        text primary key,
    type            text not null,
    object_type     text,
    object_id       text,
    created_at      timestamptz not null,
    received_at     timestamptz not null default now(),
    deliveries      integer not null default 1,
    state           text not null default 'waiting' check (state in ('waiting', 'done', 'ignored', 'refused', 'failed')),
    attempts        integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    ended_at        timestamptz,
    -- Whom it was about, once that is known.
    tenant_id       uuid,
    detail          text
);
create index stripe_events_waiting on stripe_events (next_attempt_at) where state = 'waiting';
create index stripe_events_by_time on stripe_events (received_at);

-- Refunds and disputes of top-ups. due: what Stripe took back at this moment; taken: what the tenant's account gave of it. The rest is owed.
create table stripe_reversals (
    reversal   text primary key,
    kind       text not null check (kind in ('refund', 'dispute')),
    tenant_id  uuid not null,
    payment    text not null,
    amount     bigint not null check (amount > 0),
    due        bigint not null check (due >= 0),
    taken      bigint not null default 0,
    status     text not null,
    created_at timestamptz not null,
    changed_at timestamptz not null default now()
);
create index stripe_reversals_owed on stripe_reversals (tenant_id) where taken <> due;
create index stripe_reversals_by_payment on stripe_reversals (payment);

-- Which entries of a tenant were made while it was postpaid: those after the last change before them. The change holds the account's lock.
create table billing_changes (
    change_id   bigint generated always as identity primary key,
    tenant_id   uuid not null,
    after_entry bigint not null,
    billing     text not null,
    at          timestamptz not null default now()
);
create index billing_changes_by_tenant on billing_changes (tenant_id, after_entry desc, change_id desc);
insert into billing_changes (tenant_id, after_entry, billing) select tenant_id, 0, billing from tenants;
create function note_billing() returns trigger language plpgsql as $$
begin
    insert into billing_changes (tenant_id, after_entry, billing)
    select new.tenant_id, coalesce(max(entry_id), 0), new.billing from ledger_entries where tenant_id = new.tenant_id;
    return null;
end $$;
create trigger billing_is_noted after insert on tenants for each row execute function note_billing();
create trigger billing_change_is_noted after update of billing on tenants
    for each row when (old.billing is distinct from new.billing) execute function note_billing();

-- Usage on its way to Stripe's meter: made from the ledger's entries by a sweep, so that settling a task costs nothing more. Each row is one
-- meter event; its identifier is made of its entries, so that sending it again is sending the same.
create table stripe_usage (
    usage_id        bigint generated always as identity primary key,
    tenant_id       uuid not null,
    customer        text not null,
    first_entry     bigint not null,
    last_entry      bigint not null,
    value           bigint not null,
    at              timestamptz not null,
    identifier      text not null unique check (length(identifier) <= 100),
    state           text not null default 'due'
                    check (state in ('due', 'sent', 'failed', 'late', 'unsure', 'cancelled', 'replaced')),
    -- The row that this one takes back or sends anew.
    corrects        bigint,
    attempts        integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    tried_at        timestamptz,
    sent_at         timestamptz,
    failure         text
);
create index stripe_usage_due on stripe_usage (next_attempt_at) where state = 'due';
create index stripe_usage_by_time on stripe_usage (at);
create index stripe_usage_by_tenant on stripe_usage (tenant_id, usage_id);

-- From which entry on a tenant's usage is Stripe's, and the last entry that is in a row.
create table stripe_usage_progress (
    tenant_id   uuid primary key references tenants,
    since_entry bigint not null,
    entry_id    bigint not null
) with (fillfactor = 50);
