-- Open tasks, at this moment: a row in both tables, a hold for what is missing, and a count in the account. A period means nothing here.
with delivered as (
    select o.task_id, coalesce(sum(r.cost), 0)::bigint as cost
      from open_tasks o left join task_results r using (task_id)
     group by o.task_id
),
broken as (
    select 'openTaskLost' as kind, t.tenant_id, t.task_id::text as key, format('taskUUID %s task %s', t.task_uuid, t.task_id) as subject,
           'a row in open_tasks' as expected, 'none' as found,
           format('psql -c "update tasks set state = ''failed'', finished_at = now() where task_id = ''%s'' and state = ''open''"', t.task_id) as repair
      from tasks t
     where t.state = 'open' and not exists (select from open_tasks o where o.task_id = t.task_id)
    union all
    select 'openTaskEnded', o.tenant_id, o.task_id::text, format('task %s', o.task_id), 'no row in open_tasks',
           coalesce('the task is ' || t.state, 'there is no such task'), format('psql -c "delete from open_tasks where task_id = ''%s''"', o.task_id)
      from open_tasks o left join tasks t using (task_id)
     where t.state is distinct from 'open'
    union all
    select 'openTaskWrongHold', t.tenant_id, t.task_id::text, format('taskUUID %s task %s', t.task_uuid, t.task_id),
           format('%s micro-USD', t.price_per_result * t.number_results - d.cost), format('%s micro-USD', o.held),
           format('reconcile rebuild --tenant %s', t.tenant_id)
      from open_tasks o join tasks t using (task_id) join delivered d using (task_id)
     where t.state = 'open' and o.held <> t.price_per_result * t.number_results - d.cost
    union all
    select 'openTasksMiscounted', a.tenant_id, a.tenant_id::text, 'account', format('%s open tasks', count(o.task_id)), format('%s', a.open_tasks),
           format('reconcile rebuild --tenant %s', a.tenant_id)
      from accounts a left join open_tasks o using (tenant_id)
     group by a.tenant_id, a.open_tasks
    having a.open_tasks <> count(o.task_id)
)
select * from broken where $1::timestamptz < $2::timestamptz order by 1, 2, 3
