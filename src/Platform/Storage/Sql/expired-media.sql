-- Files whose time is over. They are marked only after the file is gone, so that a sweep that was killed is simply run again.
select audio_uuid, blob_key from task_results where deleted_at is null and expires_at <= $1 order by expires_at limit $2
