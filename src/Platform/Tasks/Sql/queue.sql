-- Each pool's open tasks, pools without any included, and those that no worker has ever served. Tasks of a tenant that runs as many as it may are
-- not late, whatever their age.
select p.pool,
       count(o.task_id) filter (where o.lease_token is null),
       count(o.task_id) filter (where o.lease_token is not null),
       coalesce(max(now() - o.available_at) filter (where o.lease_token is null and o.available_at <= now()
                                                      and (not o.capped or c.running < c.max_running)), interval '0')
  from (select pool from pools union select pool from open_tasks) p
  left join open_tasks o using (pool)
  left join capped_tenants c on o.capped and c.tenant_id = o.tenant_id
 group by p.pool
 order by p.pool
