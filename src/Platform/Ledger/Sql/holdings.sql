-- What all tenants have and hold, in one snapshot with the holds of all open tasks: the two agree at every moment, because accepting and
-- settling change both in one transaction.
select coalesce(sum(balance), 0)::bigint,
       coalesce(sum(held), 0)::bigint,
       (select coalesce(sum(held), 0)::bigint from open_tasks)
  from accounts
