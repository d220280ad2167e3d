-- Makes a medium whose bytes are stored visible, unless the tenant has it already or has no room for it. The caller has locked the tenant,
-- so that two uploads at once cannot both find the last room, or both be first. What comes with tasks has a room of its own.
with twin as (
    select media_uuid, blob_key, content_hash
      from media
     where tenant_id = $1 and stored_at is not null and deleted_at is null and media_uuid <> $2
       and case when $3::uuid is null then upload_uuid is null and content_hash = $4 else upload_uuid = $3 end
     limit 1
),
kept as (
    select count(*) filter (where upload_uuid is not null) as number,
           coalesce(sum(size) filter (where upload_uuid is not null), 0) as bytes,
           coalesce(sum(size) filter (where upload_uuid is null), 0) as brought
      from media
     where tenant_id = $1 and stored_at is not null and deleted_at is null
),
finished as (
    update media m
       set stored_at = now()
      from kept k
     where m.media_uuid = $2
       and not exists (select from twin)
       and case when $3::uuid is null then k.brought + $5 <= $8 else k.number < $6 and k.bytes + $5 <= $7 end
    returning m.media_uuid, m.blob_key
)
select 'stored', media_uuid, blob_key from finished
union all
select case when content_hash = $4 then 'same' else 'conflict' end, media_uuid, blob_key from twin
