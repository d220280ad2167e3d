-- Retries whose time has come are due like new ones. One node promotes a row, the others pass it over.
update webhooks w
   set state = 'due'
  from (select webhook_id from webhooks
         where state = 'waiting' and next_attempt_at <= now()
         order by next_attempt_at
         limit 2000
           for update skip locked) as ripe
 where w.webhook_id = ripe.webhook_id
