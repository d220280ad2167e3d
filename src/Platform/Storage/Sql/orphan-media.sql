-- Of files by their medium those without a row: a row stands before its file is written.
select f.blob_key
  from unnest($1::text[], $2::uuid[]) as f(blob_key, media_uuid)
 where (select true from media m where m.media_uuid = f.media_uuid and m.blob_key = f.blob_key) is null
