-- How many webhooks stand where, counted up to a bound that is bad enough; how late the oldest due one is, and the oldest at a receiver of which
-- none is under way or has failed within seconds (the first six waits end within ten): nobody attends to that one, while one that hangs has an
-- attempt under way nearly always, and one that refuses at once, and asks for no longer wait, a failed one. It steps through the index of due webhooks from receiver to receiver,
-- so that a crowd at one of them hides no other.
with recursive spot as (
    (select tenant_id, endpoint, next_attempt_at, 1 as place
       from webhooks
      where state = 'due'
      order by tenant_id, endpoint, next_attempt_at
      limit 1)
    union all
    select n.tenant_id, n.endpoint, n.next_attempt_at, s.place + 1
      from spot s
     cross join lateral (
           select w.tenant_id, w.endpoint, w.next_attempt_at
             from webhooks w
            where w.state = 'due' and (w.tenant_id, w.endpoint) > (s.tenant_id, s.endpoint)
            order by w.tenant_id, w.endpoint, w.next_attempt_at
            limit 1) as n
     where s.place < 20000
)
select (select count(*) from (select from webhooks where state = 'due' limit 100000) d),
       (select count(*) from (select from webhooks where state = 'waiting' limit 100000) w),
       (select count(*) from (select from webhooks where state = 'dead' limit 100000) x),
       coalesce((select now() - min(next_attempt_at) from spot), interval '0'),
       coalesce((select now() - min(next_attempt_at)
                   from spot s
                   left join (select tenant_id, endpoint from webhooks where state = 'leased'
                               union
                              select tenant_id, endpoint from webhooks
                               where state = 'waiting' and step <= 6
                                 and next_attempt_at between now() - interval '60 s' and now() + interval '10 s') l using (tenant_id, endpoint)
                  where l.tenant_id is null), interval '0')
