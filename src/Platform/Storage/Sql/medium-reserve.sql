insert into media (media_uuid, tenant_id, upload_uuid, content_hash, blob_key, size) values ($1, $2, $3, $4, $5, $6)
