-- Webhooks whose sender fell silent are due again. The step stays: the receiver may never have seen that attempt.
with lost as (
    select webhook_id
      from webhooks
     where state = 'leased' and lease_until < now()
     order by lease_until
     limit 1000
       for update skip locked
),
again as (
    update webhooks w
       set state = 'due', next_attempt_at = now(), lease_until = null, lease_token = null
      from lost l
     where w.webhook_id = l.webhook_id
    returning w.webhook_id, w.attempt
)
insert into webhook_attempts (webhook_id, attempt, at, duration_ms, error)
select webhook_id, attempt, now(), 0, 'The sender stopped before it knew the answer.' from again
on conflict do nothing
