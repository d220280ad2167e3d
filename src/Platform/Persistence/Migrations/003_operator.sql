-- The operator surface: limits of tenants, secrets that sign webhooks, an audit log, what finance needs after a task is forgotten, and
-- usage by days.

-- Null: the platform's own default.
alter table tenants
    add column requests_per_second integer check (requests_per_second between 1 and 1000000),
    add column burst               integer check (burst between 1 and 1000000),
    add column max_running         integer check (max_running between 1 and 1000000),
    add column max_queued          integer check (max_queued between 1 and 10000000);

-- Signing needs the secret itself, so it is stored as it is. signs_until: null for the current one; a rotated one signs along until then.
create table webhook_secrets (
    secret_id   uuid primary key default gen_random_uuid(),
    tenant_id   uuid not null references tenants,
    secret      text not null check (secret like 'whsec\_%'),
    created_at  timestamptz not null,
    signs_until timestamptz
);
create unique index webhook_secrets_current on webhook_secrets (tenant_id) where signs_until is null;
create index webhook_secrets_by_tenant on webhook_secrets (tenant_id);
-- Two version 4 UUIDs carry 244 random bits, from the same strong source as a key's.
insert into webhook_secrets (tenant_id, secret, created_at)
select tenant_id, 'whsec_' || encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'base64'), now() from tenants;

create table audit_log (
    audit_id  bigint generated always as identity primary key,
    at        timestamptz not null default now(),
    actor     text not null check (actor <> ''),
    action    text not null,
    tenant_id uuid,
    subject   text,
    before    jsonb,
    after     jsonb
);
create index audit_log_by_tenant on audit_log (tenant_id, audit_id);
create trigger audit_log_is_append_only before update or delete or truncate on audit_log
    for each statement execute function refuse_change();

-- What one result of a task counts and costs by the unit; null for tasks accepted before these columns.
alter table tasks
    add column units                 bigint,
    add column micro_usd_per_million bigint;
create index tasks_by_tenant on tasks (tenant_id, task_id);

-- The part of a forgotten task that its ledger entries need to be explained by.
create table billed_tasks (
    task_id               uuid primary key,
    key_id                uuid not null,
    state                 text not null,
    price_version         text not null,
    units                 bigint,
    micro_usd_per_million bigint
);

-- Entries are inserted in the order of their time: a few bytes for every 128 pages find a month of them.
create index ledger_entries_by_time on ledger_entries using brin (at);

-- Usage by days (UTC), up to and with the entry that usage_progress names. A tenant's entries get their ids under its account's lock, so
-- that none with a smaller id can appear later.
create table usage_days (
    tenant_id uuid not null,
    day       date not null,
    credits   bigint not null,
    requests  bigint not null,
    primary key (tenant_id, day)
);
create table usage_progress (
    tenant_id uuid primary key references tenants,
    entry_id  bigint not null default 0
) with (fillfactor = 50);
insert into usage_progress (tenant_id) select tenant_id from tenants;
