-- Claims the fairest waiting tasks of a pool: by priority, then by virtual start. Two claimants never wait for each other.
-- "= any (array[x])" as in settle.sql.
-- Tenants that may run only so many tasks are counted in rows of their own, which a claimant locks or passes over.
with free as materialized (
    select c.tenant_id, c.running, c.max_running - c.running as free
      from capped_tenants c
     where c.running < c.max_running
       and (select true from open_tasks o
             where o.pool = $1 and o.capped and o.tenant_id = c.tenant_id and not o.parked and o.lease_token is null
                  and o.available_at <= now()
             limit 1)
       for update of c skip locked
),
limited as materialized (
    select o.task_id, o.priority, o.virtual_start
      from free f
     cross join lateral (select o.task_id, o.priority, o.virtual_start
                           from open_tasks o
                          where o.pool = $1 and o.capped and o.tenant_id = f.tenant_id
                            and not o.parked and o.lease_token is null and o.available_at <= now()
                          order by o.priority desc, o.virtual_start
                          limit least($2, f.free)
                            for update skip locked) o
),
unlimited as materialized (
    select task_id, priority, virtual_start
      from open_tasks
     where pool = $1 and not capped and not parked and lease_token is null and available_at <= now()
     order by priority desc, virtual_start
     limit $2
       for update skip locked
),
picked as (
    select task_id
      from (select * from unlimited union all select * from limited) both_kinds
     order by priority desc, virtual_start
     limit $2
),
claimed as (
    update open_tasks o
       set attempt = o.attempt + 1, lease_token = $3, lease_until = now() + $4
      from picked
     where o.task_id = any (array[picked.task_id])
    returning o.task_id, o.tenant_id, o.attempt, o.virtual_start, o.deadline, o.held, o.capped, o.available_at
),
counting as (
    update capped_tenants c
       set running = f.running + n.claimed
      from free f join (select tenant_id, count(*) as claimed from claimed where capped group by tenant_id) n using (tenant_id)
     where c.tenant_id = any (array[f.tenant_id])
),
-- The clock only needs to be near: a claimant that would wait for another one's tick leaves it to that one.
ticking as (
    update pools
       set virtual_clock = (select max(virtual_start) from claimed)
     where pool = (select pool from pools where pool = $1 for update skip locked)
       and virtual_clock < (select max(virtual_start) from claimed)
)
select t.task_id, t.tenant_id, t.task_uuid, t.model, c.attempt, t.number_results, t.price_per_result, t.seed, c.deadline, t.request, c.capped,
       -- Looked up only where there may be some: an earlier attempt, or one that was handed back and so does not count.
       (select coalesce(array_agg(r.result_index), '{}') from task_results r
         where r.task_id = c.task_id and (c.attempt > 1 or t.price_per_result = 0 or c.held < t.price_per_result * t.number_results)),
       now() - c.available_at, now() - t.accepted_at, t.trace, t.price_terms::text, t.micro_usd_per_million
  from claimed c join tasks t on t.task_id = any (array[c.task_id])
 order by c.virtual_start
