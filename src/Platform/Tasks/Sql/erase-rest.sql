-- What else knows of a tenant's requests. Media lose their files, and voices their provider's copy, by their own sweeps, which follow the mark.
with hooks as (
    delete from webhooks where tenant_id = $1 returning webhook_id
),
attempts as (
    delete from webhook_attempts a using hooks h where a.webhook_id = h.webhook_id
),
shares as (
    delete from fair_share where tenant_id = $1
),
voices_of_own as (
    update voices set deleted_at = now() where tenant_id = $1 and deleted_at is null
),
agreed as (
    delete from voice_consents where tenant_id = $1
),
rules as (
    delete from voice_rules where tenant_id = $1
),
-- What calls cost stays for the margin; what could tell of a text goes.
calls as (
    update engine_calls set input_hash = '', request_id = null where tenant_id = $1 and input_hash <> ''
)
update media set deleted_at = now() where tenant_id = $1 and deleted_at is null
