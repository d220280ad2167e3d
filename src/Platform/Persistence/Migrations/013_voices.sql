-- Voices that tenants had a provider make, what people agreed to, and what a tenant's results must say of themselves.

-- The row stands before the provider is asked (made_at is null), so that a voice which a killed process left there is found by its label.
create table voices (
    voice_id      uuid primary key,
    tenant_id     uuid not null references tenants,
    name          text not null,
    model         text not null,
    kind          text not null check (kind in ('cloned', 'designed')),
    engine        text not null,
    label         text not null,
    provider_name text,
    target_model  text,
    language      text,
    -- The recording that it was made from; consent is given for that.
    content_hash  bytea,
    created_at    timestamptz not null,
    made_at       timestamptz,
    deleted_at    timestamptz,
    check (made_at is null or (provider_name is not null and target_model is not null))
);
create index voices_by_tenant on voices (tenant_id, voice_id);
create index voices_leaving on voices (created_at) where made_at is null or deleted_at is not null;

-- Who agreed that their voice is used, for what, and until when. About a voice, or about a recording by its content, so that the same bytes
-- sent again stand under the same consent.
create table voice_consents (
    consent_id   uuid primary key,
    tenant_id    uuid not null references tenants,
    voice_id     uuid references voices,
    content_hash bytea,
    media_uuid   uuid,
    person       text not null,
    scope        text not null,
    valid_until  timestamptz,
    recorded_at  timestamptz not null,
    revoked_at   timestamptz,
    check (num_nonnulls(voice_id, content_hash) = 1)
);
create index voice_consents_by_tenant on voice_consents (tenant_id, consent_id);
create index voice_consents_by_voice on voice_consents (voice_id) where voice_id is not null;
create index voice_consents_by_content on voice_consents (tenant_id, content_hash) where content_hash is not null;

-- Null: the platform's own default.
create table voice_rules (
    tenant_id       uuid primary key references tenants,
    require_consent boolean,
    mark_audio      boolean
);
