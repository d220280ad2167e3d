-- A page of a tenant's webhooks, newest first, each with its attempts as JSON; $3 and $4 are where the last page ended.
select w.webhook_id, w.task_uuid, r.audio_uuid, w.url, w.state, w.attempt, w.created_at, w.next_attempt_at, w.finished_at,
       (select json_agg(json_build_object('attempt', a.attempt, 'at', a.at, 'durationMs', a.duration_ms, 'status', a.status,
                                          'error', a.error, 'answer', encode(a.answer, 'base64')) order by a.attempt)
          from webhook_attempts a
         where a.webhook_id = w.webhook_id)::text
  from webhooks w
  left join task_results r on r.task_id = w.task_id and r.result_index = w.result_index
 where w.tenant_id = $1
   and ($2::text is null or w.state = $2)
   and (w.created_at, w.webhook_id) < ($3, $4)
 order by w.created_at desc, w.webhook_id desc
 limit $5
