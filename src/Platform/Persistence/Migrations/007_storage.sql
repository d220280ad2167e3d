-- Erasing tenants, and sweeps that go on where they ended.

-- Asked for by an operator; done by the scheduler, in steps that a kill may end anywhere. The account and its ledger stay.
alter table tenants
    add column erasure_asked_at timestamptz,
    add column erased_at        timestamptz;
create index tenants_to_erase on tenants (erasure_asked_at) where erasure_asked_at is not null and erased_at is null;

-- The key behind which the next round of a sweep over stored files goes on; empty at the beginning.
create table sweep_places (
    sweep    text primary key,
    after    text not null default '',
    swept_at timestamptz not null default now()
);
