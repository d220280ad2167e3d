-- Operating it: the trace that a task belongs to, and who is alive.

-- 16 bytes of trace, 8 of span, 1 of flags; null where the submission had none.
alter table tasks add column trace bytea;

-- One row a process, written every few seconds and deleted at a clean end; not logged, because after a crash of the server the next beat
-- brings it back. clock is the node's own beside seen_at, which is the database's: the difference is how far that node's clock is off.
create unlogged table nodes (
    node_id    uuid primary key,
    host       text not null,
    process_id integer not null,
    roles      text not null,
    version    text not null,
    pools      jsonb not null default '[]',
    started_at timestamptz not null,
    seen_at    timestamptz not null,
    clock      timestamptz not null
) with (fillfactor = 50);
