-- What Stripe told us and we could not use.
select case state when 'waiting' then 'eventWaiting' when 'failed' then 'eventFailed' else 'eventRefused' end, tenant_id, event_id,
       format('event %s (%s) about %s', event_id, type, coalesce(object_id, 'nothing')), 'applied',
       format('%s after %s attempts: %s', state, attempts, coalesce(detail, 'no reason yet')),
       case when object_id is null then 'look at it at Stripe' else 'payments follow --id ' || object_id end
  from stripe_events
 where received_at >= $1 and received_at < $2
   and (state in ('failed', 'refused') or (state = 'waiting' and received_at < now() - interval '1 hour'))
 order by received_at
