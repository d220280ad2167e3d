-- The end, once nothing is left; nodes believe a deleted key for some seconds, and what they accepted meanwhile must be found first.
with done as (
    update tenants t
       set erased_at = now()
     where t.tenant_id = $1
       and t.erased_at is null
       and t.erasure_asked_at < now() - interval '15 seconds'
       and not exists (select from tasks k where k.tenant_id = $1)
       and not exists (select from media m where m.tenant_id = $1)
       and not exists (select from webhooks w where w.tenant_id = $1)
       and not exists (select from voices v where v.tenant_id = $1)
    returning t.tenant_id
)
insert into audit_log (actor, action, tenant_id) select 'scheduler', 'tenant.erased', tenant_id from done
