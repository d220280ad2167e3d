-- Files of a tenant's results that are still stored.
select r.audio_uuid, r.blob_key
  from tasks t join task_results r using (task_id)
 where t.tenant_id = $1 and r.deleted_at is null
 limit 500
