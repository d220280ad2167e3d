-- A task as an operator looks at it: by its own id or by its customer's, whoever it belongs to. Never what was asked for.
select t.task_id, t.tenant_id, n.name, k.prefix, t.task_uuid, t.model, t.pool,
       case when t.state <> 'open' then t.state when o.lease_token is null then 'pending' else 'running' end,
       coalesce(o.attempt, t.attempt), t.number_results, t.price_per_result, coalesce(o.held, 0), t.accepted_at, t.finished_at,
       o.available_at, o.lease_until, o.deadline, coalesce(o.error, t.error), t.trace, r.results, r.cost, w.webhooks, w.delivered
  from tasks t
  left join open_tasks o using (task_id)
  left join tenants n on n.tenant_id = t.tenant_id
  left join api_keys k on k.key_id = t.key_id
 cross join lateral (
       select count(*)::int as results, coalesce(sum(cost), 0)::bigint as cost from task_results where task_id = t.task_id) r
 cross join lateral (
       select count(*)::int as webhooks, (count(*) filter (where state = 'delivered'))::int as delivered
         from webhooks where task_id = t.task_id) w
 where t.task_id = $1 or t.task_uuid = $1
 order by t.accepted_at desc
 limit 20
