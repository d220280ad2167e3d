-- Where webhooks are not delivered: receivers of all tenants or of one ($1), the latest first, each with what it answered last.
with standing as (
    select tenant_id, endpoint, state, webhook_id, next_attempt_at, finished_at, attempt from webhooks where state = 'due'
     union all
    select tenant_id, endpoint, state, webhook_id, next_attempt_at, finished_at, attempt from webhooks where state = 'leased'
     union all
    select tenant_id, endpoint, state, webhook_id, next_attempt_at, finished_at, attempt from webhooks where state = 'waiting'
     union all
    select tenant_id, endpoint, state, webhook_id, next_attempt_at, finished_at, attempt from webhooks where state = 'dead'
),
receivers as (
    select tenant_id, endpoint,
           count(*) filter (where state = 'due') as due,
           count(*) filter (where state = 'leased') as under_way,
           count(*) filter (where state = 'waiting') as waiting,
           count(*) filter (where state = 'dead') as dead,
           coalesce(now() - min(next_attempt_at) filter (where state = 'due'), interval '0') as oldest_due,
           (array_agg(webhook_id order by coalesce(finished_at, next_attempt_at) desc) filter (where attempt > 0 and state <> 'leased'))[1] as tried
      from standing
     where $1::uuid is null or tenant_id = $1
     group by tenant_id, endpoint
     order by oldest_due desc, dead desc, waiting desc
     limit $2
)
select r.tenant_id, n.name, r.endpoint, r.due, r.under_way, r.waiting, r.dead, r.oldest_due, a.at, a.status, a.error
  from receivers r
  left join tenants n using (tenant_id)
  left join lateral (
       select at, status, error from webhook_attempts where webhook_id = r.tried order by attempt desc limit 1) a on true
 order by r.oldest_due desc, r.dead desc, r.waiting desc
