-- Forgets tasks that ended long ago: their taskUUID is free again. Results go first, and only once their files are gone. What explains the
-- ledger's entries of a task that was charged is kept, for finance asks longer than customers do.
with old as (
    select t.task_id, t.key_id, t.state, t.price_version, t.units, t.micro_usd_per_million, t.price_terms
      from tasks t
     -- Ids are time-ordered, so that the primary key finds the old ones without an index of their end.
     where t.task_id < $2
       and t.finished_at < now() - $1::interval
       and not exists (select from task_results r where r.task_id = t.task_id and r.deleted_at is null)
     order by t.task_id
     limit $3
       for update skip locked
),
billed as (
    insert into billed_tasks (task_id, key_id, state, price_version, units, micro_usd_per_million, price_terms)
    select * from old where exists (select from task_results r where r.task_id = old.task_id)
    on conflict do nothing
),
results as (
    delete from task_results r using old where r.task_id = old.task_id
)
delete from tasks t using old where t.task_id = old.task_id
