-- Records what became of running tasks: finished results with their captures, and for each task its next state.
-- Fence: only the attempt that holds the lease token may settle; without a token any open task is closed (cancel, expire).
-- Locks: tasks in id order, then accounts in tenant order.
with incoming as (
    select *
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[], $5::interval[])
           as s(task_id, lease_token, next_state, error, delay)
),
result as (
    select *
      from unnest($6::uuid[], $7::smallint[], $8::uuid[], $9::bigint[], $10::timestamptz[], $11::text[], $12::text[], $13::bytea[])
           as r(task_id, result_index, audio_uuid, size, expires_at, blob_key, output_type, item)
),
task as materialized (
    select t.task_id, t.tenant_id, t.task_uuid, t.model, t.price_per_result, t.held, t.waiter,
           s.next_state, s.error, s.delay
      from tasks t join incoming s on s.task_id = t.task_id
     where (s.lease_token is not null and t.state = 'running' and t.lease_token = s.lease_token)
        or (s.lease_token is null and t.state in ('pending', 'running'))
     order by t.task_id
       for update of t
),
account as materialized (
    select a.tenant_id, a.balance, a.held
      from accounts a
     where a.tenant_id in (select tenant_id from task)
     order by a.tenant_id
       for update
),
delivered as (
    insert into task_results (task_id, result_index, audio_uuid, cost, size, finished_at, expires_at, blob_key, output_type, item)
    select r.task_id, r.result_index, r.audio_uuid, t.price_per_result, r.size, now(), r.expires_at, r.blob_key, r.output_type, r.item
      from result r join task t using (task_id)
    on conflict (task_id, result_index) do nothing
    returning task_id, result_index, audio_uuid, cost
),
captured as (
    select task_id, sum(cost) as amount from delivered group by task_id
),
moving as (
    update tasks t
       set state = m.next_state,
           held = case when m.next_state in ('pending', 'running') then m.held - m.captured else 0 end,
           error = m.error,
           finished_at = case when m.next_state in ('pending', 'running') then null else now() end,
           available_at = case when m.next_state = 'pending' then now() + m.delay else t.available_at end,
           lease_until = case when m.next_state = 'running' then t.lease_until end,
           -- Handed back unfinished by a worker that stops: that was no try of the task's own.
           attempt = case when m.next_state = 'pending' and m.error is null then t.attempt - 1 else t.attempt end,
           lease_token = case when m.next_state = 'pending' then null else t.lease_token end
      from (select task.*, coalesce(c.amount, 0) as captured from task left join captured c using (task_id)) m
     where t.task_id = m.task_id
       and (m.next_state <> 'running' or m.captured > 0)
),
-- A release is what the hold still had when its task ended.
movement as (
    select t.tenant_id, t.task_id, t.task_uuid, t.model, 'capture' as kind, d.cost as amount, d.audio_uuid, 1 as step, d.result_index
      from delivered d join task t using (task_id)
    union all
    select t.tenant_id, t.task_id, t.task_uuid, t.model, 'release', t.held - coalesce(c.amount, 0), null, 2, 0
      from task t left join captured c using (task_id)
     where t.next_state not in ('pending', 'running') and t.held > coalesce(c.amount, 0)
),
paying as (
    update accounts a
       set balance = a.balance - m.captured, held = a.held - m.freed
      from (select tenant_id, coalesce(sum(amount) filter (where kind = 'capture'), 0) as captured, sum(amount) as freed
              from movement group by tenant_id) m
     where a.tenant_id = m.tenant_id
),
entering as (
    insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, audio_uuid, model)
    select m.tenant_id, m.kind, m.amount,
           a.balance - coalesce(sum(m.amount) filter (where m.kind = 'capture') over so_far, 0),
           a.held - sum(m.amount) over so_far,
           m.task_id, m.task_uuid, m.audio_uuid, m.model
      from movement m join account a using (tenant_id)
    window so_far as (partition by m.tenant_id order by m.task_id, m.step, m.result_index)
     order by m.tenant_id, m.task_id, m.step, m.result_index
)
select s.task_id, t.task_id is not null as settled, t.waiter,
       -- What a caller whose first answer was lost needs to know: its own attempt did settle the task.
       t.task_id is null and exists (
           select from tasks d
            where d.task_id = s.task_id and d.lease_token = s.lease_token and d.state = s.next_state
              and d.state in ('succeeded', 'failed')) as settled_before
  from incoming s left join task t using (task_id)
