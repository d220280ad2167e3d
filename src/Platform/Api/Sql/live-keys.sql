-- Of these keys, those that may still be used.
select k.key_id
  from api_keys k join tenants t using (tenant_id)
 where k.key_id = any($1)
   and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
   and t.suspended_at is null
