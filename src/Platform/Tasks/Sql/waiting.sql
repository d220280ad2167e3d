-- Pools with work that could be claimed now.
select p.pool
  from pools p
 where exists (select from open_tasks o where o.pool = p.pool and not o.capped and not o.parked and o.lease_token is null and o.available_at <= now())
    or exists (select from capped_tenants c join open_tasks o using (tenant_id)
                where c.running < c.max_running
                  and o.pool = p.pool and o.capped and not o.parked and o.lease_token is null and o.available_at <= now())
