-- Notes that a task uses a tenant's medium, by its UUID or by its content. The lock makes a deletion wait for this, or this for it: a medium
-- that was deleted first is not found, and one that is used first is kept for the task.
with medium as (
    select media_uuid, blob_key
      from media
     where tenant_id = $1 and stored_at is not null and deleted_at is null
       and (media_uuid = $2 or content_hash = $3)
     limit 1
       for share
),
used as (
    insert into media_uses (task_id, media_uuid) select $4, media_uuid from medium
)
select media_uuid, blob_key from medium
