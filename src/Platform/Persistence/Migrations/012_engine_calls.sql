-- Calls of engines, for whoever operates them: what each cost us beside what the customer paid, and how the engine did. Never the text.
create table engine_calls (
    at             timestamptz not null,
    -- No reference: the report outlives the task, and is no reason to keep one.
    task_id        uuid,
    tenant_id      uuid,
    result_index   smallint,
    attempt        smallint,
    pool           text not null,
    engine         text not null,
    model          text not null,
    snapshot       text,
    voice          text not null,
    language       text not null,
    characters     integer not null,
    input_hash     bytea not null,
    first_audio_ms integer,
    total_ms       integer not null,
    audio_ms       integer not null,
    cap_hit        boolean not null,
    retries        smallint not null,
    request_id     text,
    -- Micro-USD.
    cost           bigint not null,
    outcome        text not null
);

-- Rows come in the order of their time.
create index engine_calls_at on engine_calls using brin (at);
create index engine_calls_task on engine_calls (task_id);
