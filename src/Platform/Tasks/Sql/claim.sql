-- Claims the fairest waiting tasks of a pool: by priority, then by virtual start. Two claimants never wait for each other.
with picked as (
    select task_id
      from open_tasks
     where pool = $1 and lease_token is null and available_at <= now()
     order by priority desc, virtual_start
     limit $2
       for update skip locked
),
claimed as (
    update open_tasks o
       set attempt = o.attempt + 1, lease_token = $3, lease_until = now() + $4
      from picked
     where o.task_id = picked.task_id
    returning o.task_id, o.attempt, o.virtual_start, o.deadline, o.held
),
-- The clock only needs to be near: a claimant that would wait for another one's tick leaves it to that one.
ticking as (
    update pools
       set virtual_clock = (select max(virtual_start) from claimed)
     where pool = (select pool from pools where pool = $1 for update skip locked)
       and virtual_clock < (select max(virtual_start) from claimed)
)
select t.task_id, t.tenant_id, t.task_uuid, t.model, c.attempt, t.number_results, t.price_per_result, t.seed, c.deadline, t.request,
       -- Looked up only where there may be some: an earlier attempt, or one that was handed back and so does not count.
       (select coalesce(array_agg(r.result_index), '{}') from task_results r
         where r.task_id = c.task_id and (c.attempt > 1 or c.held < t.price_per_result * t.number_results))
  from claimed c join tasks t using (task_id)
 order by c.virtual_start
