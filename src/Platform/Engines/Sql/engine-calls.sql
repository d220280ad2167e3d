-- Writes down calls of engines, for the margin of each task.
insert into engine_calls (at, task_id, tenant_id, result_index, attempt, pool, engine, model, snapshot, voice, language, characters, input_hash,
                          first_audio_ms, total_ms, audio_ms, cap_hit, retries, request_id, cost, outcome)
select * from unnest($1::timestamptz[], $2::uuid[], $3::uuid[], $4::smallint[], $5::smallint[], $6::text[], $7::text[], $8::text[], $9::text[],
                     $10::text[], $11::text[], $12::int[], $13::bytea[], $14::int[], $15::int[], $16::int[], $17::boolean[], $18::smallint[],
                     $19::text[], $20::bigint[], $21::text[])
