-- Each entry of the period carries on from the one before it. Ids are drawn while the account is locked, so that their order is the order of
-- the balances.
with link as (
    select e.tenant_id, e.entry_id, e.kind, e.balance_after, e.held_after, row_number() over chain as place,
           lag(e.balance_after) over chain
               + case when e.kind in ('credit', 'grant', 'refund', 'adjustment') then e.amount
                      when e.kind in ('debit', 'expiry', 'capture') then -e.amount else 0 end as balance,
           lag(e.held_after) over chain
               + case when e.kind = 'hold' then e.amount when e.kind in ('release', 'capture') then -e.amount else 0 end as held
      from ledger_entries e
     where e.at >= $1 and e.at < $2
    window chain as (partition by e.tenant_id order by e.entry_id)
)
select 'chainBroken', tenant_id, entry_id::text, format('entry %s (%s)', entry_id, kind), format('balance %s, held %s after it', balance, held),
       format('balance %s, held %s', balance_after, held_after),
       format('audit note --tenant %s --subject repair:chainBroken:%s --text "what was found out about entry %s"', tenant_id, entry_id, entry_id)
  from link
 where place > 1 and (balance_after <> balance or held_after <> held)
 order by 2, entry_id
