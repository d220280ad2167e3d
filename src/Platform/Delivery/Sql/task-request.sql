-- One task object of one tenant as it was sent.
select request from tasks where tenant_id = $1 and task_uuid = $2
