-- Tenants, their keys and money, the tasks and their results.
-- Money is integer micro-USD; instants are UTC. The hot tables (tasks, task_results, ledger_entries) carry no foreign
-- keys: each is written by one statement that has just locked the rows it refers to, and a key check a row would be
-- a third of that statement's work.

create table tenants (
    tenant_id    uuid primary key,
    name         text not null check (name <> ''),
    billing      text not null check (billing in ('prepaid', 'postpaid')),
    weight       integer not null default 1 check (weight between 1 and 1000),
    suspended_at timestamptz,
    created_at   timestamptz not null
);

create table api_keys (
    key_id     uuid primary key,
    tenant_id  uuid not null references tenants,
    name       text,
    key_hash   bytea not null unique,
    prefix     text not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz
);
create index api_keys_by_tenant on api_keys (tenant_id);

-- balance includes what is held; available = balance + credit_limit - held.
create table accounts (
    tenant_id    uuid primary key references tenants,
    balance      bigint not null default 0,
    held         bigint not null default 0 check (held >= 0),
    credit_limit bigint not null default 0 check (credit_limit >= 0),
    constraint available_never_negative check (balance + credit_limit - held >= 0)
) with (fillfactor = 50);

-- An entry moves its amount between the two accounts of its kind, so that every entry sums to zero by its shape.
create table ledger_kinds (
    kind         text primary key,
    from_account text not null,
    to_account   text not null
);
insert into ledger_kinds values
    ('credit',     'funding',          'tenant_available'),
    ('debit',      'tenant_available', 'funding'),
    ('hold',       'tenant_available', 'tenant_held'),
    ('release',    'tenant_held',      'tenant_available'),
    ('capture',    'tenant_held',      'revenue'),
    ('refund',     'revenue',          'tenant_available'),
    ('adjustment', 'adjustments',      'tenant_available');

create sequence ledger_entry_ids;
create table ledger_entries (
    entry_id      bigint not null default nextval('ledger_entry_ids'),
    at            timestamptz not null default now(),
    tenant_id     uuid not null,
    kind          text not null,
    amount        bigint not null check (amount >= 0 or kind = 'adjustment'),
    balance_after bigint not null,
    held_after    bigint not null,
    task_id       uuid,
    task_uuid     uuid,
    audio_uuid    uuid,
    model         text,
    reference     text,
    reason        text,
    primary key (tenant_id, entry_id)
);
create unique index ledger_reference_once on ledger_entries (tenant_id, reference) where reference is not null;

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'table % is append-only: write a new row that corrects the old one', tg_table_name;
end $$;
create trigger ledger_is_append_only before update or delete or truncate on ledger_entries
    for each statement execute function refuse_change();

create view ledger_legs as
    select e.entry_id, e.at, e.tenant_id, e.task_id, e.kind, k.from_account as account, -e.amount as amount
      from ledger_entries e join ledger_kinds k using (kind)
    union all
    select e.entry_id, e.at, e.tenant_id, e.task_id, e.kind, k.to_account, e.amount
      from ledger_entries e join ledger_kinds k using (kind);

-- Start-time fair queueing: a pool's clock is the virtual start of the task that was claimed last,
-- a tenant's last_finish is where its next task may start at the earliest.
create table pools (
    pool          text primary key,
    virtual_clock bigint not null default 0
) with (fillfactor = 50);

create table fair_share (
    pool        text not null,
    tenant_id   uuid not null,
    last_finish bigint not null,
    primary key (pool, tenant_id)
) with (fillfactor = 50);

create table tasks (
    task_id          uuid primary key,
    tenant_id        uuid not null,
    key_id           uuid not null,
    task_uuid        uuid not null,
    model            text not null,
    pool             text not null,
    state            text not null check (state in ('pending', 'running', 'succeeded', 'failed', 'cancelled', 'expired')),
    attempt          smallint not null default 0,
    priority         smallint not null default 0,
    number_results   smallint not null,
    virtual_start    bigint not null,
    price_per_result bigint not null,
    held             bigint not null check (held >= 0),
    seed             bigint not null,
    accepted_at      timestamptz not null,
    available_at     timestamptz not null,
    deadline         timestamptz not null,
    lease_until      timestamptz,
    lease_token      uuid,
    waiter           uuid,
    finished_at      timestamptz,
    price_version    text not null,
    request          bytea not null,
    error            bytea,
    constraint one_task_a_uuid unique (tenant_id, task_uuid)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);
create index tasks_waiting on tasks (pool, priority desc, virtual_start) where state = 'pending';
create index tasks_leased on tasks (lease_until) where state = 'running';

create table task_results (
    task_id      uuid not null,
    result_index smallint not null,
    audio_uuid   uuid not null,
    cost         bigint not null,
    size         bigint not null,
    finished_at  timestamptz not null,
    expires_at   timestamptz not null,
    deleted_at   timestamptz,
    blob_key     text not null,
    output_type  text not null,
    item         bytea not null,
    primary key (task_id, result_index)
);
create unique index task_results_by_audio on task_results (audio_uuid);
create index task_results_expiring on task_results (expires_at) where deleted_at is null;
