-- What changes while a task is open moves to a narrow table of its own. The wide row of tasks is written at acceptance and once more at
-- the end, without touching an index; claiming and renewing rewrite a few dozen bytes.

create table open_tasks (
    task_id       uuid primary key,
    tenant_id     uuid not null,
    pool          text not null,
    priority      smallint not null default 0,
    virtual_start bigint not null,
    attempt       smallint not null default 0,
    held          bigint not null check (held >= 0),
    available_at  timestamptz not null,
    deadline      timestamptz not null,
    lease_until   timestamptz,
    lease_token   uuid,
    waiter        uuid,
    error         bytea,
    constraint leased_with_a_token check ((lease_token is null) = (lease_until is null))
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 1);

-- Leased tasks stay in it: a claimant passes over them, and in return neither a claim nor a renewal makes an index entry.
create index open_tasks_in_order on open_tasks (pool, priority desc, virtual_start);

insert into open_tasks (task_id, tenant_id, pool, priority, virtual_start, attempt, held, available_at, deadline,
                        lease_until, lease_token, waiter, error)
select task_id, tenant_id, pool, priority, virtual_start, attempt, held, available_at, deadline,
       case when state = 'running' then lease_until end, case when state = 'running' then lease_token end, waiter, error
  from tasks
 where state in ('pending', 'running');

-- An open task is waiting or running as its row in open_tasks says; tasks only knows how it ended.
alter table tasks drop constraint tasks_state_check;
update tasks set state = 'open', error = null where state in ('pending', 'running');
alter table tasks add constraint tasks_state_check check (state in ('open', 'succeeded', 'failed', 'cancelled', 'expired'));

drop index tasks_waiting;
drop index tasks_leased;
alter table tasks
    drop column priority,
    drop column virtual_start,
    drop column held,
    drop column available_at,
    drop column deadline,
    drop column lease_until,
    drop column waiter;

-- Of the attempt that ended the task: it recognises its own settlement when the answer was lost on the way.
alter table tasks rename column lease_token to closed_by;

-- Every row is written a second time while its page is still hot; the room is for that.
alter table tasks set (fillfactor = 70);

-- The two tables as one, for lists and questions; the hot statements go past it.
create view task_states as
    select t.task_id, t.tenant_id, t.key_id, t.task_uuid, t.model, t.pool,
           case when t.state <> 'open' then t.state when o.lease_token is null then 'pending' else 'running' end as state,
           coalesce(o.attempt, t.attempt) as attempt, t.number_results, t.price_per_result, coalesce(o.held, 0) as held, t.price_version,
           t.seed, t.accepted_at, t.finished_at, coalesce(o.error, t.error) as error, t.request,
           o.priority, o.virtual_start, o.available_at, o.deadline, o.lease_until, o.lease_token, o.waiter
      from tasks t left join open_tasks o using (task_id);
