-- Pools with work that could be claimed now.
select p.pool
  from pools p
 where exists (select from tasks t where t.pool = p.pool and t.state = 'pending' and t.available_at <= now())
