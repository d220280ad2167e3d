-- Claims the fairest waiting tasks of a pool: by priority, then by virtual start. Two claimants never wait for each other.
with picked as (
    select task_id
      from tasks
     where state = 'pending' and pool = $1 and available_at <= now()
     order by priority desc, virtual_start
     limit $2
       for update skip locked
),
claimed as (
    update tasks t
       set state = 'running', attempt = t.attempt + 1, lease_token = $3, lease_until = now() + $4
      from picked
     where t.task_id = picked.task_id
    returning t.task_id, t.tenant_id, t.task_uuid, t.model, t.attempt, t.number_results, t.price_per_result, t.seed,
              t.virtual_start, t.deadline, t.request, t.held
),
-- The clock only needs to be near: a claimant that would wait for another one's tick leaves it to that one.
ticking as (
    update pools
       set virtual_clock = (select max(virtual_start) from claimed)
     where pool = (select pool from pools where pool = $1 for update skip locked)
       and virtual_clock < (select max(virtual_start) from claimed)
)
select c.task_id, c.tenant_id, c.task_uuid, c.model, c.attempt, c.number_results, c.price_per_result, c.seed, c.deadline, c.request,
       -- Looked up only where there may be some: an earlier attempt, or one that was handed back and so does not count.
       (select coalesce(array_agg(r.result_index), '{}') from task_results r
         where r.task_id = c.task_id and (c.attempt > 1 or c.held < c.price_per_result * c.number_results))
  from claimed c
 order by c.virtual_start
