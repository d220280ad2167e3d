-- A process says that it is alive. Those that have been silent for a day are forgotten on the way.
with gone as (
    delete from nodes where seen_at < now() - interval '1 day' and node_id <> $1
)
insert into nodes (node_id, host, process_id, roles, version, pools, started_at, seen_at, clock)
values ($1, $2, $3, $4, $5, $6::text::jsonb, now(), now(), $7)
on conflict (node_id) do update set pools = excluded.pools, seen_at = excluded.seen_at, clock = excluded.clock
