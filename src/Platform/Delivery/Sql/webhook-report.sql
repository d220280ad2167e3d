-- Records what became of attempts: the history, and the webhook's next state. Fence: only the lease of the attempt may speak; a webhook has a
-- token exactly while it is leased. Its state is not asked for: planned while few are leased, the statement would take the index of leased ones
-- for the cheapest way to each single webhook, and walk all of it for every row of the batch.
with report as (
    select *
      from unnest($1::uuid[], $2::uuid[], $3::text[], $4::interval[], $5::int[], $6::timestamptz[], $7::int[], $8::smallint[],
                  $9::text[], $10::bytea[])
           as r(webhook_id, lease_token, state, delay, attempt, at, duration_ms, status, error, answer)
),
done as (
    update webhooks w
       set state = r.state,
           step = w.step + 1,
           next_attempt_at = case when r.state = 'waiting' then now() + r.delay else w.next_attempt_at end,
           finished_at = case when r.state <> 'waiting' then now() end,
           lease_until = null,
           lease_token = null
      from report r
     where w.webhook_id = r.webhook_id and w.lease_token = r.lease_token and w.attempt = r.attempt
    returning r.webhook_id, r.attempt, r.at, r.duration_ms, r.status, r.error, r.answer
),
-- From the rows that were changed, because a join of the batch with itself would be planned as a nested loop.
history as (
    insert into webhook_attempts (webhook_id, attempt, at, duration_ms, status, error, answer)
    select webhook_id, attempt, at, duration_ms, status, error, answer from done
)
select webhook_id from done
