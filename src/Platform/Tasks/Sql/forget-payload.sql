-- What was asked for is forgotten after the retention time also where a link that lives longer keeps the task's row, and its taskUUID is free.
update tasks
   set request = '', webhook_url = null, task_uuid = null
 where task_id in (select t.task_id
                     from tasks t
                    where t.task_id < $2 and t.finished_at < now() - $1::interval and t.task_uuid is not null
                    order by t.task_id
                    limit $3
                      for update skip locked)
