-- Tasks of all tenants, of one tenant or one key, newest first, as an operator lists them.
select t.task_id, t.tenant_id, n.name, k.prefix, t.task_uuid, t.model, t.pool, t.shown, t.attempt, t.number_results, t.price_per_result,
       t.held, t.accepted_at, t.finished_at, t.available_at, t.lease_until, t.deadline, t.error, t.trace, r.results, r.cost, 0, 0
  from (select t.*, o.available_at, o.lease_until, o.deadline, coalesce(o.held, 0) as held,
               case when t.state <> 'open' then t.state when o.lease_token is null then 'pending' else 'running' end as shown
          from tasks t left join open_tasks o using (task_id)
         where ($1::uuid is null or t.tenant_id = $1)
           and ($2::text is null or $2 = case when t.state <> 'open' then t.state when o.lease_token is null then 'pending' else 'running' end)
           and ($3::text is null or t.pool = $3)
           and ($5::text is null or t.key_id in (select key_id from api_keys where prefix = $5))
         order by t.task_id desc
         limit $4) t
  left join tenants n on n.tenant_id = t.tenant_id
  left join api_keys k on k.key_id = t.key_id
 cross join lateral (
       select count(*)::int as results, coalesce(sum(cost), 0)::bigint as cost from task_results where task_id = t.task_id) r
 order by t.task_id desc
