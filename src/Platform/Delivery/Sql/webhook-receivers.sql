-- Where webhooks are not delivered: receivers of all tenants or of one ($1), those with the most given up first ($3) or the latest, each with the
-- newest failure of its youngest 500 that are not delivered.
with standing as (
    select tenant_id, endpoint, state, webhook_id, next_attempt_at, created_at, attempt from webhooks where state = 'due' and ($1::uuid is null or tenant_id = $1)
     union all
    select tenant_id, endpoint, state, webhook_id, next_attempt_at, created_at, attempt from webhooks where state = 'leased' and ($1::uuid is null or tenant_id = $1)
     union all
    select tenant_id, endpoint, state, webhook_id, next_attempt_at, created_at, attempt from webhooks where state = 'waiting' and ($1::uuid is null or tenant_id = $1)
     union all
    select tenant_id, endpoint, state, webhook_id, next_attempt_at, created_at, attempt from webhooks where state = 'dead' and ($1::uuid is null or tenant_id = $1)
),
receivers as (
    select tenant_id, endpoint,
           count(*) filter (where state = 'due') as due,
           count(*) filter (where state = 'leased') as under_way,
           count(*) filter (where state = 'waiting') as waiting,
           count(*) filter (where state = 'dead') as dead,
           coalesce(now() - min(next_attempt_at) filter (where state = 'due'), interval '0') as oldest_due
      from standing
     group by tenant_id, endpoint
     order by case when $3 then count(*) filter (where state = 'dead') end desc nulls last, oldest_due desc, dead desc, waiting desc
     limit $2
)
select r.tenant_id, n.name, r.endpoint, r.due, r.under_way, r.waiting, r.dead, r.oldest_due, a.at, a.status, a.error
  from receivers r
  left join tenants n using (tenant_id)
  left join lateral (
       select a.at, a.status, a.error
         from (select webhook_id from standing s
                where s.tenant_id = r.tenant_id and s.endpoint = r.endpoint and s.attempt > 0
                order by s.created_at desc limit 500) w
         join webhook_attempts a using (webhook_id)
        where a.status is null or a.status not between 200 and 299
        order by a.at desc, a.attempt desc
        limit 1) a on true
 order by case when $3 then r.dead end desc nulls last, r.oldest_due desc, r.dead desc, r.waiting desc
