-- Media that nobody can name any more: never finished, or come with a task that is forgotten. An hour is longer than any submission takes.
with forgotten as (
    delete from media_uses u
     where u.used_at < now() - interval '1 hour'
       and (select true from tasks t where t.task_id = u.task_id) is null
    returning u.task_id
)
update media m
   set deleted_at = now()
 where m.deleted_at is null
   and m.created_at < now() - interval '1 hour'
   and (m.stored_at is null
        or (m.upload_uuid is null
            and (select true from media_uses u
                  where u.media_uuid = m.media_uuid and u.task_id not in (select task_id from forgotten)
                  limit 1) is null))
