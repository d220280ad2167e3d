-- The file behind a public link; results that were handed over in the reply itself have none.
select blob_key, expires_at from task_results where audio_uuid = $1 and output_type = 'Url' and deleted_at is null
