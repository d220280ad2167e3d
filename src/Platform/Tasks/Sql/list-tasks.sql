-- A page of a tenant's tasks, newest first; ids are time-ordered, so that the index of the list is the index of its time too.
-- The page is cut before anything is looked up for its tasks.
select t.task_id, t.task_uuid, t.model,
       case when t.state <> 'open' then t.state
            when (select o.lease_token from open_tasks o where o.task_id = t.task_id) is null then 'pending'
            else 'running' end,
       t.accepted_at, t.finished_at, t.number_results, r.results, r.cost, t.error
  from (select *
          from tasks
         where tenant_id = $1 and task_uuid is not null and task_id < $2 and task_id >= $8 and accepted_at >= $3 and accepted_at < $4
           and ($5::text is null or model = $5)
           and ($6::text is null or state = $6)
         order by task_id desc
         limit $7) t
 cross join lateral (
       select count(*)::int as results, coalesce(sum(cost), 0)::bigint as cost from task_results where task_id = t.task_id) r
 order by t.task_id desc
