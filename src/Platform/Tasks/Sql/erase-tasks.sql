-- Those of a tenant's tasks $2 that have ended and whose files are gone. As in forget.sql, what explains the ledger's entries stays.
-- "Is true" as in erase-files.sql.
with gone as (
    select t.task_id, t.key_id, t.state, t.price_version, t.units, t.micro_usd_per_million, t.price_terms
      from tasks t
     where t.tenant_id = $1 and t.task_id = any($2) and t.state <> 'open'
       and not exists (select from task_results r where r.task_id = t.task_id and (r.deleted_at is null) is true offset 0)
       for update
),
billed as (
    insert into billed_tasks (task_id, key_id, state, price_version, units, micro_usd_per_million, price_terms)
    select * from gone where exists (select from task_results r where r.task_id = gone.task_id)
    on conflict do nothing
),
results as (
    delete from task_results r using gone where r.task_id = gone.task_id
),
uses as (
    delete from media_uses u using gone where u.task_id = gone.task_id
)
delete from tasks t using gone where t.task_id = gone.task_id
