-- Sends ended webhooks of one state and one span of time again, from the beginning of the schedule and under the same ids. What ended after
-- the replay began ($5) is left alone, so that a replay that takes several statements ends.
with chosen as (
    select webhook_id
      from webhooks
     where tenant_id = $1 and state = $2 and created_at >= $3 and created_at < $4 and finished_at <= $5
     limit 1000
       for update skip locked
)
update webhooks w
   set state = 'due', step = 0, next_attempt_at = now(), finished_at = null
  from chosen c
 where w.webhook_id = c.webhook_id
