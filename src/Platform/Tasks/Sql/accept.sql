-- Accepts tasks: hold, row and ledger entry, or a refusal, for each of a batch and of several tenants.
-- Locks: accounts in tenant order, before anything else; every other writer of the same tenants waits there. So that they wait for the
-- statement and not for the disk, the commit is asynchronous, and the caller flushes the log before it tells anybody.
-- "= any (array[x])" as in settle.sql.
-- It is also sent without its "on conflict" clause, as long as no conflict has been met: then one undoes the statement.
with incoming as (
    select *, row_number() over (partition by tenant_id order by place) as turn
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::smallint[], $8::bigint[],
                  $9::bigint[], $10::text[], $11::bigint[], $12::uuid[], $14::bytea[],
                  $15::integer[], $16::integer[], $17::bigint[], $18::bigint[], $19::text[], $20::text[], $21::bytea[])
           with ordinality as i(task_id, tenant_id, key_id, task_uuid, model, pool, number_results, price, cost, price_version,
                                seed, waiter, request, max_queued, max_running, units, micro_usd_per_million, webhook_url, price_terms,
                                trace, place)
),
-- A statement that locks rows copies the whole row of whatever it joins them with: so they are joined with as little as will do.
parties as materialized (
    select tenant_id, pool from incoming group by tenant_id, pool
),
account as materialized (
    select a.tenant_id, a.balance, a.held, a.credit_limit, a.open_tasks
      from (select distinct tenant_id from parties) p join accounts a on a.tenant_id = any (array[p.tenant_id])
     order by p.tenant_id
       for update of a
),
-- As many as the tenant may have open, the first ones first.
roomy as (
    select i.tenant_id, i.price * i.number_results as wanted
      from incoming i join account a using (tenant_id)
     where a.open_tasks + i.turn <= i.max_queued
),
-- Of these a tenant's batch fits into its credit whole or not at all; the caller sends one that does not fit again, one task at a time.
fitting as (
    select a.tenant_id, a.balance, a.held, a.credit_limit, a.open_tasks
      from account a join (select tenant_id, sum(wanted) as total from roomy group by tenant_id) w using (tenant_id)
     where a.balance + a.credit_limit - a.held >= w.total
),
-- Locked as well, because only a locking read sees what a batch that we waited for has just committed.
share as materialized (
    select f.pool, f.tenant_id, f.last_finish
      from (select pool, tenant_id from account join parties using (tenant_id) offset 0) p
      join fair_share f on f.pool = any (array[p.pool]) and f.tenant_id = p.tenant_id
     order by p.tenant_id, p.pool
       for update of f
),
start as materialized (
    select w.pool, w.tenant_id, greatest(coalesce(p.virtual_clock, 0), coalesce(f.last_finish, 0)) as virtual_start
      from parties w
      left join pools p on p.pool = any (array[w.pool])
      left join share f on f.pool = w.pool and f.tenant_id = w.tenant_id
),
planned as materialized (
    select i.*, i.price * i.number_results as held,
           s.virtual_start + sum(i.cost) over (partition by i.tenant_id, i.pool order by i.place) - i.cost as virtual_start
      from incoming i join fitting f using (tenant_id) join start s using (pool, tenant_id)
     where f.open_tasks + i.turn <= i.max_queued
),
inserted as (
    insert into tasks (task_id, tenant_id, key_id, task_uuid, model, pool, state, number_results, price_per_result, seed, accepted_at,
                       price_version, units, micro_usd_per_million, request, webhook_url, price_terms, trace)
    select task_id, tenant_id, key_id, task_uuid, model, pool, 'open', number_results, price, seed, now(),
           price_version, units, micro_usd_per_million, request, webhook_url, price_terms::jsonb, trace
      from planned
     order by place
    on conflict do nothing
    returning task_id
),
-- "Is true" keeps the look-up a hash: planned without knowing how long a batch will be, a join would be a nested loop.
accepted as materialized (
    select place, task_id, tenant_id, pool, task_uuid, model, waiter, max_running, cost, held, virtual_start
      from planned
     where (task_id in (select task_id from inserted)) is true
),
queued as (
    insert into open_tasks (task_id, tenant_id, pool, virtual_start, held, available_at, deadline, waiter, capped)
    select task_id, tenant_id, pool, virtual_start, held, now(), now() + $13::interval, waiter, max_running is not null
      from accepted
     order by place
),
capping as (
    insert into capped_tenants as c (tenant_id, max_running)
    select a.tenant_id, coalesce((select t.max_running from tenants t where t.tenant_id = a.tenant_id), min(a.max_running))
      from accepted a
     where a.max_running is not null
     group by a.tenant_id
    on conflict (tenant_id) do update set max_running = excluded.max_running where c.max_running <> excluded.max_running
),
-- All columns as they were locked: PostgreSQL tests the table's checks on the row of the snapshot first, and would refuse a hold on
-- money that came while this statement waited.
holding as (
    update accounts a set balance = f.balance, credit_limit = f.credit_limit, held = f.held + h.total, open_tasks = f.open_tasks + h.accepted
      from fitting f join (select tenant_id, sum(held) as total, count(*) as accepted from accepted group by tenant_id) h using (tenant_id)
     where a.tenant_id = any (array[f.tenant_id])
),
sharing as (
    insert into fair_share as f (pool, tenant_id, last_finish)
    select pool, tenant_id, max(virtual_start + cost)
      from accepted
     group by pool, tenant_id
    on conflict (pool, tenant_id) do update set last_finish = greatest(f.last_finish, excluded.last_finish)
),
entering as (
    insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, model)
    select n.tenant_id, 'hold', n.held, f.balance, f.held + sum(n.held) over (partition by n.tenant_id order by n.place),
           n.task_id, n.task_uuid, n.model
      from accepted n join fitting f using (tenant_id)
     where n.held > 0
     order by n.place
)
select case
           when i.task_id in (select task_id from inserted) then 'accepted'
           -- Our own row from an earlier try whose answer was lost on the way.
           -- Scalar looks, because an EXISTS may be planned as a hash of the whole table.
           when (select true from tasks t where t.task_id = i.task_id) then 'accepted'
           when (select true from tasks t where t.tenant_id = i.tenant_id and t.task_uuid = i.task_uuid) then 'conflict'
           when a.open_tasks + i.turn > i.max_queued then 'full'
           when i.tenant_id not in (select tenant_id from fitting) then 'unaffordable'
           else 'conflict'
       end
  from incoming i
  left join account a on a.tenant_id = i.tenant_id
 cross join (select set_config('synchronous_commit', 'off', true)) as late
 order by i.place
