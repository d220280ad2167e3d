-- Who fills each pool: the tenants with the most open tasks, and the one that has waited longest. What a tenant cannot run yet, since it runs as
-- many as it may, is not late.
select pool, tenant_id, name, waiting, running, oldest
  from (select o.pool, o.tenant_id, n.name, count(*) filter (where o.lease_token is null) as waiting,
               count(*) filter (where o.lease_token is not null) as running,
               coalesce(max(now() - o.available_at) filter (where o.lease_token is null and o.available_at <= now()
                                                              and (not o.capped or c.running < c.max_running)), interval '0') as oldest,
               row_number() over (partition by o.pool order by count(*) desc) as place,
               row_number() over (partition by o.pool order by min(o.available_at) filter (
                   where o.lease_token is null and (not o.capped or c.running < c.max_running))) as seniority
          from open_tasks o
          left join tenants n using (tenant_id)
          left join capped_tenants c on o.capped and c.tenant_id = o.tenant_id
         group by o.pool, o.tenant_id, n.name) t
 where place <= $1 or seniority = 1 and oldest > interval '0'
 order by pool, place
