-- Limits per tenant (null: the installation's default) and the token buckets that the api nodes share.

alter table tenants
    add column if not exists requests_per_second integer check (requests_per_second > 0),
    add column if not exists burst integer check (burst > 0),
    add column if not exists max_running integer check (max_running > 0),
    add column if not exists max_queued integer check (max_queued > 0);

-- Not logged: after a crash of the server every bucket begins full, which is no loss.
create unlogged table request_rates (
    tenant_id uuid not null,
    kind      smallint not null,
    rate      double precision not null,
    burst     double precision not null,
    level     double precision not null,
    taken     bigint not null,
    at        timestamptz not null,
    primary key (tenant_id, kind)
) with (fillfactor = 50);
