-- Ended webhooks and their history after the retention time; the tasks that they tell of are forgotten then, too.
with old as (
    select webhook_id
      from webhooks
     where created_at < now() - $1::interval and finished_at < now() - $1::interval and state in ('delivered', 'dead')
     limit $2
       for update skip locked
),
attempts as (
    delete from webhook_attempts a using old where a.webhook_id = old.webhook_id
)
delete from webhooks w using old where w.webhook_id = old.webhook_id
