-- Tasks of their tenants by the customers' UUIDs, in the shape of outcomes.sql, each with what was asked for.
select t.task_id, t.state, t.number_results, t.error, r.item, r.output_type, r.blob_key, t.tenant_id, t.task_uuid
  from (select distinct tenant_id, task_uuid from unnest($1::uuid[], $2::uuid[]) as k(tenant_id, task_uuid)) a
  join tasks t on t.tenant_id = a.tenant_id and t.task_uuid = a.task_uuid
  left join task_results r on r.task_id = t.task_id
 order by t.task_id, r.result_index
