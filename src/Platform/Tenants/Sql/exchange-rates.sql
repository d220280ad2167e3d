-- Takes what a node let through out of the tenants' shared token buckets, and answers what each has left; less than nothing is a debt.
-- Locks: rows in key order, so that two nodes cannot wait for each other.
insert into request_rates as r (tenant_id, kind, rate, burst, level, taken, at)
select s.tenant_id, s.kind, s.rate, s.burst, s.burst - s.taken, s.taken, clock_timestamp()
  from unnest($1::uuid[], $2::smallint[], $3::double precision[], $4::double precision[], $5::bigint[])
       as s(tenant_id, kind, rate, burst, taken)
 order by s.tenant_id, s.kind
on conflict (tenant_id, kind) do update
   set rate = excluded.rate,
       burst = excluded.burst,
       -- A node that waited for another one's update read the clock before it.
       level = least(excluded.burst, r.level + excluded.rate * greatest(0, extract(epoch from excluded.at - r.at))) - excluded.taken,
       taken = r.taken + excluded.taken,
       at = greatest(r.at, excluded.at)
returning tenant_id, kind, level, taken
