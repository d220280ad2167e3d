-- The file behind a public link; results that were handed over in the reply itself have none.
select blob_key, expires_at from task_results where audio_uuid = $1 and output_type = 'Url' and deleted_at is null
union all
-- What was uploaded by mediaStorage; what came with a task was never given a link.
select blob_key, 'infinity' from media where media_uuid = $1 and upload_uuid is not null and stored_at is not null and deleted_at is null
