-- Pools with work that could be claimed now.
select p.pool
  from pools p
 where exists (select from open_tasks o where o.pool = p.pool and o.lease_token is null and o.available_at <= now())
