-- How many webhooks stand where, counted up to a bound that is bad enough, and how late the oldest due one is.
select (select count(*) from (select from webhooks where state = 'due' limit 100000) d),
       (select count(*) from (select from webhooks where state = 'waiting' limit 100000) w),
       (select count(*) from (select from webhooks where state = 'dead' limit 100000) x),
       coalesce((select now() - min(next_attempt_at)
                   from (select next_attempt_at from webhooks where state = 'due' limit 100000) d), interval '0')
