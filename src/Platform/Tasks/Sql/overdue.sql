-- Running tasks whose lease ran out. Read without locks; settling decides. It looks through all open tasks, whose rows are narrow, every
-- few seconds: an index of leases would cost each claim and each renewal more than that.
select task_id, attempt, lease_token
  from open_tasks
 where lease_until < now()
 order by lease_until
 limit 1000
