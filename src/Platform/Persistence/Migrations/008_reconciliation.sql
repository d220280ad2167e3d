-- Reports of reconciliations. A nightly one names its night, so that of several schedulers one makes it.
create table reconciliations (
    reconciliation_id uuid primary key,
    started_at        timestamptz not null default now(),
    finished_at       timestamptz,
    actor             text not null,
    period_from       timestamptz not null,
    period_to         timestamptz not null,
    night             date unique,
    differences       bigint,
    failed_checks     integer,
    report            jsonb
);
create index reconciliations_by_start on reconciliations (started_at desc);
