-- Deleted media that no open task needs; a use of the last minutes may belong to a task that is just being accepted.
select m.media_uuid, m.blob_key
  from media m
 where m.deleted_at is not null
   and (select true from media_uses u
         where u.media_uuid = m.media_uuid
           and (u.used_at > now() - interval '2 minutes' and (select true from tasks t where t.task_id = u.task_id) is null
                or (select true from open_tasks o where o.task_id = u.task_id))
         limit 1) is null
 order by m.deleted_at
 limit $1
