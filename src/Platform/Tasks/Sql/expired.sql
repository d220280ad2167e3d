-- Waiting tasks that nobody took before their deadline. A running one is stopped by its own worker.
select task_id
  from open_tasks
 where lease_token is null and deadline <= now()
 limit 1000
