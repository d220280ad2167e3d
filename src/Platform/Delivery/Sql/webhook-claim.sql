-- Leases due webhooks, at most so many for each endpoint ($3; else that of its tenant's empty endpoint, else $7). It steps through the index from endpoint to endpoint ($4, $5 is
-- where the last claim ended), so that its cost is that of the endpoints it visits and not of what waits at them. The allowances are one
-- object to look into: planned without knowing how many there are, a join with them would be a nested loop. Tenants of which no further endpoint
-- may be tried ($11) are stepped over whole, however many they have; those of theirs that have an allowance are looked at by name.
with recursive known as materialized (
    select jsonb_object_agg(tenant_id || ' ' || endpoint, allowed) as allowances
      from unnest($1::uuid[], $2::text[], $3::int[]) as k(tenant_id, endpoint, allowed)
),
spot as (
    (select tenant_id, endpoint, 1 as place
       from webhooks
      where state = 'due' and (tenant_id, endpoint) > ($4::uuid, $5::text)
      order by tenant_id, endpoint
      limit 1)
    union all
    select n.tenant_id, n.endpoint, s.place + 1
      from spot s
     cross join lateral (
           (select w.tenant_id, w.endpoint
              from webhooks w
             where w.state = 'due' and s.tenant_id <> all ($11::uuid[]) and (w.tenant_id, w.endpoint) > (s.tenant_id, s.endpoint)
             order by w.tenant_id, w.endpoint
             limit 1)
            union all
           (select w.tenant_id, w.endpoint
              from webhooks w
             where w.state = 'due' and s.tenant_id = any ($11::uuid[]) and w.tenant_id > s.tenant_id
             order by w.tenant_id, w.endpoint
             limit 1)) as n
     where s.place < $6
),
visited as (
    select tenant_id, endpoint, place from spot where tenant_id <> all ($11::uuid[])
     union all
    (select tenant_id, endpoint, $6 + 1
       from unnest($1::uuid[], $2::text[], $3::int[]) as k(tenant_id, endpoint, allowed)
      where allowed > 0 and endpoint <> '' and tenant_id = any ($11::uuid[])
        and exists (select from webhooks w where w.state = 'due' and w.tenant_id = k.tenant_id and w.endpoint = k.endpoint offset 0)
      limit $6)
),
picked as materialized (
    select d.webhook_id, s.place
      from visited s
     cross join known k
     cross join lateral (
           select w.webhook_id
             from webhooks w
            where w.state = 'due' and w.tenant_id = s.tenant_id and w.endpoint = s.endpoint
            order by w.next_attempt_at
            limit coalesce((k.allowances ->> (s.tenant_id || ' ' || s.endpoint))::int, (k.allowances ->> (s.tenant_id || ' '))::int, $7)
              for update skip locked) as d
     limit $8
),
leased as (
    update webhooks w
       set state = 'leased', attempt = w.attempt + 1, lease_token = $9, lease_until = now() + $10
      from picked p
     where w.webhook_id = p.webhook_id
    returning p.place, w.webhook_id, w.tenant_id, w.endpoint, w.url, w.task_id, w.task_uuid, w.result_index, w.attempt, w.step,
              w.next_attempt_at
),
-- The last place visited goes along even when nothing could be taken there; where the walk met nothing, its beginning, for what was leased by its
-- name must come along.
last_spot as (
    (select tenant_id, endpoint, place from spot order by place desc limit 1)
     union all
    select $4::uuid, $5::text, 0 where not exists (select from spot)
)
select v.tenant_id, v.endpoint, v.place,
       l.place, l.webhook_id, l.tenant_id, l.endpoint, l.url, l.attempt, l.step, now(),
       r.item, r.output_type, r.blob_key, case when l.result_index is null then t.error end,
       case when l.result_index is null then t.request end, l.task_uuid, now() - l.next_attempt_at, t.trace
  from last_spot v
  left join leased l on true
  left join task_results r on r.task_id = l.task_id and r.result_index = l.result_index
  left join tasks t on t.task_id = l.task_id
 order by l.place
