-- Running tasks whose lease ran out. Read without locks; settling decides.
select task_id, attempt, lease_token
  from tasks
 where state = 'running' and lease_until < now()
 order by lease_until
 limit 1000
