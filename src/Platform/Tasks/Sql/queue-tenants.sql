-- Who fills each pool: the tenants with the most open tasks.
select pool, tenant_id, name, waiting, running
  from (select o.pool, o.tenant_id, n.name, count(*) filter (where o.lease_token is null) as waiting,
               count(*) filter (where o.lease_token is not null) as running,
               row_number() over (partition by o.pool order by count(*) desc) as place
          from open_tasks o left join tenants n using (tenant_id)
         group by o.pool, o.tenant_id, n.name) t
 where place <= $1
 order by pool, place
