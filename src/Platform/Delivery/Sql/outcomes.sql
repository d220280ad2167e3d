-- Tasks with their finished results, a row a result, for replies; a task without results has one row.
select t.task_id, t.state, t.number_results, t.error, r.item, r.output_type, r.blob_key
  from tasks t left join task_results r using (task_id)
 where t.task_id = any($1)
 order by t.task_id, r.result_index
