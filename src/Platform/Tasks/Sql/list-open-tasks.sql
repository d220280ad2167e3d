-- The same page as list-tasks.sql for tasks that wait or run: found among the open ones, which are few whatever the tenant's past.
select t.task_id, t.task_uuid, t.model, $6::text, t.accepted_at, t.finished_at, t.number_results, r.results, r.cost, t.error
  from open_tasks o
  join tasks t using (task_id)
 cross join lateral (
       select count(*)::int as results, coalesce(sum(cost), 0)::bigint as cost from task_results where task_id = t.task_id) r
 where o.tenant_id = $1 and o.task_id < $2 and t.accepted_at >= $3 and t.accepted_at < $4
   and ($5::text is null or t.model = $5)
   and (o.lease_token is not null) = ($6 = 'running')
 order by o.task_id desc
 limit $7
