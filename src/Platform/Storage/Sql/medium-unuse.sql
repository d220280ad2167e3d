-- Takes back the use of a medium by a task that was refused, and hides what came with that task alone. Another task that notes its use at this
-- very moment keeps the bytes: they only go when no task needs them. A scalar look, because an EXISTS may be planned as a hash of the whole table.
with gone as (
    delete from media_uses where task_id = $1 returning media_uuid
)
update media m
   set deleted_at = now()
  from gone g
 where m.media_uuid = g.media_uuid and m.upload_uuid is null and m.deleted_at is null
   and (select true from media_uses u where u.media_uuid = m.media_uuid and u.task_id <> $1 limit 1) is null
