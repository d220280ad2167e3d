-- Refunds captures that have not been refunded, under a reference that books once: the first entry carries it, further ones have it with a number.
with account as materialized (
    select tenant_id, balance, held, credit_limit from accounts where tenant_id = $1 for update
),
earlier as (
    select entry_id, at, kind, amount, balance_after, task_uuid, audio_uuid, model, reference, reason
      from ledger_entries where tenant_id = $1 and reference = $2
     union all
    select entry_id, at, kind, amount, balance_after, task_uuid, audio_uuid, model, reference, reason
      from ledger_entries
     where tenant_id = $1 and reference = any(select $2 || '#' || n from generate_series(2, 100) n) and kind = 'refund'
),
left_over as (
    select w.*, row_number() over (order by w.place) as n, sum(w.amount) over (order by w.place) as so_far
      from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::text[], $9::bigint[])
           with ordinality as w(task_id, task_uuid, audio_uuid, model, amount, place)
     where not exists (select from earlier)
       and not exists (select from ledger_entries r where r.kind = 'refund' and r.audio_uuid = w.audio_uuid)
),
paying as (
    update accounts a set balance = l.balance + t.total, held = l.held, credit_limit = l.credit_limit
      from account l cross join (select sum(amount)::bigint as total from left_over) t
     where a.tenant_id = l.tenant_id and t.total > 0
    returning a.tenant_id, l.balance as before, a.balance, a.held, t.total
),
entering as (
    insert into ledger_entries (tenant_id, kind, amount, balance_after, held_after, task_id, task_uuid, audio_uuid, model, reference, reason)
    select p.tenant_id, 'refund', o.amount, p.before + o.so_far, p.held, o.task_id, o.task_uuid, o.audio_uuid, o.model,
           case o.n when 1 then $2 else $2 || '#' || o.n end, $3
      from left_over o cross join paying p
     order by o.place
    returning entry_id, at, kind, amount, balance_after, task_uuid, audio_uuid, model, reference, reason
),
auditing as (
    insert into audit_log (actor, action, tenant_id, subject, before, after)
    select $4, 'credits.refund', tenant_id, $2, jsonb_build_object('balance', before),
           jsonb_build_object('balance', balance, 'amount', total, 'reason', $3::text, 'results', to_jsonb($7::uuid[]))
      from paying
)
select 'booked' as outcome, * from entering
 union all
select 'known', * from earlier
 order by 2
