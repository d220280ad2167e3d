-- Task objects of their tenants as they were sent; nothing of one that is larger than any is accepted today.
select t.tenant_id, t.task_uuid, case when octet_length(t.request) <= $3 then t.request else '' end
  from (select distinct tenant_id, task_uuid from unnest($1::uuid[], $2::uuid[]) as k(tenant_id, task_uuid)) a
  join tasks t on t.tenant_id = a.tenant_id and t.task_uuid = a.task_uuid
