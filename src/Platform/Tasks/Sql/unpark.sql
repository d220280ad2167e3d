-- Parked tasks whose time has come wait in their pools again. One node moves a row, the others pass it over.
update open_tasks o
   set parked = false
  from (select task_id from open_tasks
         where parked and available_at <= now()
         order by available_at
         limit $1
           for update skip locked) as ripe
 where o.task_id = ripe.task_id
