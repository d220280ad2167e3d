update task_results set deleted_at = now() where audio_uuid = any($1)
