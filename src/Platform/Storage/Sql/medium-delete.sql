update media set deleted_at = now()
 where tenant_id = $1 and media_uuid = $2 and stored_at is not null and deleted_at is null
