-- The mark of a tenant ($1), unit ($2) and day ($3): an earlier one of the same month and what was charged since. Whoever comes second gets
-- what the first one wrote, because that is what tasks were priced by. It goes on from the last mark but one: a charge of just before midnight
-- may have been committed after the mark of that midnight was written.
with earlier as (
    select day, units from volume_marks
     where tenant_id = $1 and unit = $2 and day >= date_trunc('month', $3::timestamp)::date and day < $3
     order by day desc offset 1 limit 1
),
since as (
    select coalesce((select day from earlier), date_trunc('month', $3::timestamp)::date) as day
),
charged as (
    select coalesce(sum(coalesce(e.units, t.units, b.units)), 0)::bigint as units
      from ledger_entries e
      left join tasks t on t.task_id = e.task_id
      left join billed_tasks b on b.task_id = e.task_id
     where e.tenant_id = $1 and e.kind = 'capture'
       and e.at >= (select day from since)::timestamp at time zone 'UTC' and e.at < $3::timestamp at time zone 'UTC'
       and coalesce(t.price_terms, b.price_terms) ->> 'unit' is not distinct from nullif($2, 'character')
),
marking as (
    insert into volume_marks (tenant_id, unit, day, units)
    select $1, $2, $3, coalesce((select units from earlier), 0) + c.units from charged c
     where not exists (select from volume_marks m where m.tenant_id = $1 and m.unit = $2 and m.day = $3)
    on conflict do nothing
    returning units
)
select units from marking
 union all
select units from volume_marks where tenant_id = $1 and unit = $2 and day = $3
 limit 1
