-- Waiting tasks that nobody took before their deadline. A running one is stopped by its own worker.
select task_id
  from tasks
 where state = 'pending' and deadline <= now()
 limit 1000
