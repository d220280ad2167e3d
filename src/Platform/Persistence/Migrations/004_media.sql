-- Media that customers gave: uploaded by mediaStorage, or brought along by a task. The bytes are in the blob store; a row stands before its
-- bytes do (stored_at is null), so that a process that was killed in between leaves nothing that no sweep can find.
create table media (
    media_uuid   uuid primary key,
    tenant_id    uuid not null references tenants,
    -- The taskUUID of the upload; none for a medium that came with a task.
    upload_uuid  uuid,
    content_hash bytea not null,
    blob_key     text not null,
    size         bigint not null check (size > 0),
    created_at   timestamptz not null default now(),
    stored_at    timestamptz,
    deleted_at   timestamptz
);
create index media_by_tenant on media (tenant_id, content_hash);
create unique index media_by_upload on media (tenant_id, upload_uuid)
    where upload_uuid is not null and stored_at is not null and deleted_at is null;
create index media_leaving on media (deleted_at) where deleted_at is not null;

-- Which task speaks after which medium. It is written before the task is accepted and goes when the task is forgotten.
create table media_uses (
    task_id    uuid primary key,
    media_uuid uuid not null,
    used_at    timestamptz not null default now()
);
create index media_uses_by_medium on media_uses (media_uuid);
