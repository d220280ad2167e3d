-- One task of one tenant by the customer's UUID, in the shape of outcomes.sql.
select t.task_id, t.state, t.number_results, t.error, r.item, r.output_type, r.blob_key
  from tasks t left join task_results r using (task_id)
 where t.tenant_id = $1 and t.task_uuid = $2
 order by r.result_index
