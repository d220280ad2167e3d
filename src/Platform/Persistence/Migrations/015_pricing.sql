-- Prices that are not by the character, prices of single tenants, and what volume tiers look at.

-- How a result is priced where it is not by the character: its unit and, where only the result itself tells the price, the rounding
-- and the minimum. Null: by the character, fixed at acceptance.
alter table tasks add column price_terms jsonb;
alter table billed_tasks add column price_terms jsonb;

-- What a capture counted, where its task does not know it: the seconds of one result.
alter table ledger_entries add column units bigint;

-- A row is in force from its instant until the next one of the same tenant and model; without a price the book's holds again.
create table price_overrides (
    override_id bigint generated always as identity primary key,
    tenant_id   uuid not null references tenants,
    model       text not null,
    in_force_at timestamptz not null,
    price       jsonb,
    actor       text not null,
    created_at  timestamptz not null default now()
);
create index price_overrides_by_tenant on price_overrides (tenant_id, model, in_force_at);
create trigger price_overrides_are_append_only before update or delete or truncate on price_overrides
    for each statement execute function refuse_change();

-- Units that a tenant had charged in the month before a day (UTC) began. Written once, by whoever asks first, and never changed: every node gives
-- every task of that day the same tier, whenever it asks.
create table volume_marks (
    tenant_id uuid not null references tenants,
    unit      text not null,
    day       date not null,
    units     bigint not null,
    made_at   timestamptz not null default now(),
    primary key (tenant_id, unit, day)
);
create trigger volume_marks_are_append_only before update or delete or truncate on volume_marks
    for each statement execute function refuse_change();
