-- The files behind public links; results that were handed over in the reply itself have none.
select audio_uuid, blob_key, expires_at from task_results where audio_uuid = any ($1) and output_type = 'Url' and deleted_at is null
union all
-- What was uploaded by mediaStorage. What came with a task was never given a link, and what came to be cloned has one while its voice is being made:
-- the provider fetches it there.
select media_uuid, blob_key, 'infinity' from media m
 where media_uuid = any ($1) and stored_at is not null and deleted_at is null
   and (upload_uuid is not null
        or (select true from media_uses u join voices v on v.voice_id = u.task_id where u.media_uuid = m.media_uuid limit 1))
