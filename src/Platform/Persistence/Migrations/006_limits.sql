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

-- Tasks of a tenant that are accepted and not ended, counted in the row that accepting and settling lock anyway.
alter table accounts add column open_tasks integer not null default 0;
update accounts a
   set open_tasks = n.open_tasks
  from (select tenant_id, count(*) as open_tasks from open_tasks group by tenant_id) n
 where n.tenant_id = a.tenant_id;
alter table accounts add constraint open_tasks_never_negative check (open_tasks >= 0);

-- Tasks of a tenant that may run only so many at once are in an index of their own: in the common one its backlog, which stays behind
-- while others are served, would lie before everything else and each claim would have to pass over it.
alter table open_tasks add column capped boolean not null default false;
drop index open_tasks_in_order;
create index open_tasks_in_order on open_tasks (pool, priority desc, virtual_start) where not capped;
create index open_tasks_capped on open_tasks (pool, tenant_id, priority desc, virtual_start) where capped;

-- How many run is changed by the statements that lease and release a task, in the same transaction. It carries no check: PostgreSQL would
-- test it on the row of the snapshot, which may lack a claim that was committed while the statement waited.
create table capped_tenants (
    tenant_id   uuid primary key,
    max_running integer not null,
    running     integer not null default 0
) with (fillfactor = 50);

-- A limit that is set or lifted holds for what is queued already. What a limit has held back has a virtual start long ago: it is moved up to
-- the pool's clock, else all of it would go before everybody else's. Locks: open tasks in id order as in settle.sql, the count last.
create function cap_open_tasks() returns trigger language plpgsql as $$
begin
    perform from open_tasks where tenant_id = new.tenant_id order by task_id for update;
    update open_tasks set capped = true where tenant_id = new.tenant_id and not capped;
    with behind as (
        select o.pool, p.virtual_clock - min(o.virtual_start) as distance
          from open_tasks o join pools p using (pool)
         where o.tenant_id = new.tenant_id and o.lease_token is null
         group by o.pool, p.virtual_clock
    ),
    moving as (
        update open_tasks o
           set virtual_start = o.virtual_start + b.distance
          from behind b
         where o.tenant_id = new.tenant_id and o.pool = b.pool and o.lease_token is null and b.distance > 0
    )
    update fair_share f
       set last_finish = f.last_finish + b.distance
      from behind b
     where f.tenant_id = new.tenant_id and f.pool = b.pool and b.distance > 0;
    insert into capped_tenants as c (tenant_id, max_running, running)
    select new.tenant_id, coalesce(new.max_running, 2147483647), count(*)
      from open_tasks
     where tenant_id = new.tenant_id and lease_token is not null
    on conflict (tenant_id) do update set max_running = excluded.max_running, running = excluded.running;
    return null;
end $$;
create trigger limit_holds_at_once after update of max_running on tenants
    for each row when (old.max_running is distinct from new.max_running) execute function cap_open_tasks();
