-- What accept.sql would answer for one task at this moment, without a lock and without a trace.
select case
           when (select true from tasks t where t.tenant_id = $1 and t.task_uuid = $2) then 'conflict'
           when a.open_tasks >= $3 then 'full'
           when a.balance + a.credit_limit - a.held < $4 then 'unaffordable'
           else 'accepted'
       end
  from accounts a
 where a.tenant_id = $1
