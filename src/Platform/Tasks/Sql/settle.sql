-- Records what became of running tasks: a finished result with its capture, and for each task its next state.
-- Fence: only the attempt that holds the lease token may settle; without a token any open task is closed (cancel, expire).
-- Locks: tasks in id order, then accounts in tenant order; the commit is asynchronous as in accept.sql.
-- Every row carries all that its later steps need, so that no step joins the batch with itself: planned without knowing how
-- long a batch will be, such a join would be a nested loop. What is wide in a result is only taken out of its array where it is stored: a
-- statement that locks or changes rows copies the whole row of whatever it joins them with.
-- "= any (array[x])" is "= x" to which only a look into the index can answer. As a plain join it may be answered by reading a whole table that was
-- small when the plan was made, once for each row of the batch, and an index that is full of entries not yet vacuumed.
with task as materialized (
    select o.task_id, o.tenant_id, t.task_uuid, t.model, o.attempt, o.held, o.waiter, t.webhook_url, s.lease_token, s.next_state,
           s.error, s.delay, s.result_index, s.audio_uuid, s.place::integer as place,
           s.next_state in ('pending', 'running') as stays_open,
           o.capped and o.lease_token is not null and s.next_state <> 'running' as stops_running,
           -- Sent again after its answer was lost, a result is there already and was paid for; so it may be on a task that was begun before.
           -- A scalar look, because an EXISTS may be planned as a hash of the whole table.
           case when s.audio_uuid is null then 0
                when ($13 or o.attempt > 1 or o.held < t.price_per_result * t.number_results)
                 and (select true from task_results r where r.task_id = s.task_id and r.result_index = s.result_index) then 0
                else t.price_per_result
           end as captured
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::interval[], $6::smallint[], $7::uuid[]) with ordinality
           as s(task_id, lease_token, next_state, error, delay, result_index, audio_uuid, place)
      join open_tasks o on o.task_id = any (array[s.task_id])
      join tasks t on t.task_id = any (array[s.task_id])
     where s.lease_token is null or o.lease_token = s.lease_token
     order by s.task_id
       for update of o
),
payer as materialized (
    select tenant_id from task group by tenant_id
),
account as materialized (
    select a.tenant_id, a.balance, a.held, a.open_tasks
      from payer p join accounts a on a.tenant_id = any (array[p.tenant_id])
     order by p.tenant_id
       for update of a
),
delivered as (
    insert into task_results (task_id, result_index, audio_uuid, cost, size, finished_at, expires_at, blob_key, output_type, item)
    select task_id, result_index, audio_uuid, captured, ($8::bigint[])[place], now(), ($9::timestamptz[])[place], ($10::text[])[place],
           ($11::text[])[place], ($12::bytea[])[place]
      from task
     where captured > 0
),
closing as materialized (
    select task_id, next_state, error, attempt, lease_token from task where not stays_open
),
ending as (
    update tasks t
       set state = m.next_state, error = m.error, attempt = m.attempt, closed_by = m.lease_token, finished_at = now()
      from closing m
     where t.task_id = any (array[m.task_id])
),
leaving as (
    delete from open_tasks o using closing m where o.task_id = any (array[m.task_id])
),
staying as (
    update open_tasks o
       set held = m.held - m.captured,
           error = m.error,
           available_at = case when m.next_state = 'pending' then now() + m.delay else o.available_at end,
           -- What comes back much later must not lie in the way of every claim until then.
           parked = m.next_state = 'pending' and m.delay > interval '10 s',
           lease_until = case when m.next_state = 'running' then o.lease_until end,
           lease_token = case when m.next_state = 'running' then o.lease_token end,
           -- Handed back unfinished by a worker that stops: that was no try of the task's own.
           attempt = case when m.next_state = 'pending' and m.error is null then o.attempt - 1 else o.attempt end
      from task m
     where o.task_id = any (array[m.task_id]) and m.stays_open
       and (m.next_state = 'pending' or m.captured > 0)
),
-- A webhook for each finished result, and one for the error of a task that ends without all of them.
announcing as (
    insert into webhooks (tenant_id, task_id, task_uuid, result_index, url)
    select tenant_id, task_id, task_uuid, result_index, webhook_url
      from task
     where webhook_url is not null and captured > 0
     union all
    select tenant_id, task_id, task_uuid, null, webhook_url
      from task
     where webhook_url is not null and not stays_open and next_state <> 'succeeded'
),
-- A capture for a new result, and when the task ends a release of what its hold still had.
movement as (
    select m.tenant_id, m.task_id, m.task_uuid, m.model, move.kind, move.amount, move.audio_uuid, move.step
      from task m
     cross join lateral (values ('capture', m.captured, m.audio_uuid, 1),
                                ('release', case when m.stays_open then 0 else m.held - m.captured end, null, 2))
           as move(kind, amount, audio_uuid, step)
     where move.amount > 0
),
-- From the columns as they were locked: PostgreSQL tests the table's checks on the row of the snapshot first, and would refuse to free
-- a hold that came while this statement waited.
paying as (
    update accounts a
       set balance = l.balance - m.captured, held = l.held - m.freed, open_tasks = l.open_tasks - m.ended
      from account l
      join (select tenant_id, sum(captured) as captured, sum(case when stays_open then captured else held end) as freed,
                   count(*) filter (where not stays_open) as ended
              from task group by tenant_id) m using (tenant_id)
     where a.tenant_id = any (array[l.tenant_id]) and (m.freed > 0 or m.ended > 0)
),
-- After the accounts, so that two settlements of the same tenants do not meet here.
stopping as (
    update capped_tenants c
       set running = c.running - n.stopped
      from (select m.tenant_id, count(*) as stopped
              from task m join account using (tenant_id)
             where m.stops_running
             group by m.tenant_id) n
     where c.tenant_id = any (array[n.tenant_id])
),
entering as (
    insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, audio_uuid, model)
    select m.tenant_id, m.kind, m.amount,
           a.balance - coalesce(sum(m.amount) filter (where m.kind = 'capture') over so_far, 0),
           a.held - sum(m.amount) over so_far,
           m.task_id, m.task_uuid, m.audio_uuid, m.model
      from movement m join account a using (tenant_id)
    window so_far as (partition by m.tenant_id order by m.task_id, m.step)
     order by m.tenant_id, m.task_id, m.step
)
select task_id, waiter, webhook_url is not null from task cross join (select set_config('synchronous_commit', 'off', true)) as late
