-- Webhooks: one row for each finished result or failed task that has a webhookURL, and one for each attempt at sending it.
-- Like the other hot tables they carry no foreign keys.

alter table tasks add column webhook_url text;

-- Of a tenant's secrets the current one has no end; the one before it signs along until signs_until.
create table if not exists webhook_secrets (
    secret_id   uuid primary key default gen_random_uuid(),
    tenant_id   uuid not null references tenants,
    secret      text not null check (secret like 'whsec\_%'),
    created_at  timestamptz not null,
    signs_until timestamptz
);
create unique index if not exists webhook_secrets_current on webhook_secrets (tenant_id) where signs_until is null;
create index if not exists webhook_secrets_by_tenant on webhook_secrets (tenant_id);
insert into webhook_secrets (tenant_id, secret, created_at)
select tenant_id, 'whsec_' || encode(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), 'base64'), now()
  from tenants t
 where not exists (select from webhook_secrets s where s.tenant_id = t.tenant_id);

-- attempt counts all tries and numbers the history; step is the place in the schedule, from which a replay starts anew.
create table webhooks (
    webhook_id      uuid primary key default gen_random_uuid(),
    tenant_id       uuid not null,
    task_id         uuid not null,
    task_uuid       uuid not null,
    result_index    smallint,
    url             text not null,
    endpoint        text not null generated always as (coalesce(substring(url from '^[a-z]+://[^/?#]+'), url)) stored,
    state           text not null default 'due' check (state in ('due', 'leased', 'waiting', 'delivered', 'dead')),
    attempt         integer not null default 0,
    step            smallint not null default 0,
    created_at      timestamptz not null default now(),
    next_attempt_at timestamptz not null default now(),
    lease_until     timestamptz,
    lease_token     uuid,
    finished_at     timestamptz,
    -- One result, one webhook; a task's error is the one without an index.
    constraint one_webhook_a_result unique nulls not distinct (task_id, result_index)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);

-- What can be sent now, by endpoint, so that a claim steps from one endpoint to the next however much waits at each.
create index webhooks_due on webhooks (tenant_id, endpoint, next_attempt_at) where state = 'due';
-- What has its time still to come. It is a state of its own because an index cannot know what time it is.
create index webhooks_waiting on webhooks (next_attempt_at) where state = 'waiting';
create index webhooks_leased on webhooks (lease_until) where state = 'leased';
create index webhooks_of_tenant on webhooks (tenant_id, created_at, webhook_id);
create index webhooks_dead on webhooks (tenant_id, created_at, webhook_id) where state = 'dead';
create index webhooks_by_age on webhooks using brin (created_at);

create table webhook_attempts (
    webhook_id  uuid not null,
    attempt     integer not null,
    at          timestamptz not null,
    duration_ms integer not null,
    status      smallint,
    error       text,
    answer      bytea,
    primary key (webhook_id, attempt)
) with (autovacuum_vacuum_scale_factor = 0.05);
