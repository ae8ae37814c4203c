-- Holds, jobs and generations as one, in one transaction for all. Of each answers either when it
-- started or what became of it instead; a refusal writes nothing. Patience is for starts of one account only.
--   p: the columns of the type starts
--
-- Its plans are made once and find rows by their keys. Made for every call they would cost more
-- than the call; made while a table was empty they would read all of it ever after.
drop function if exists generation_start(jsonb, boolean);
create function generation_start(
  p jsonb, patient boolean, out held_at timestamptz[], out answers jsonb, out rooms text[]
) language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  r starts := jsonb_populate_record(null::starts, p);
  held record := ledger_hold_each(r, patient);
begin
  perform job_enqueue(r.account_id, r.job_id, 'generation', r.provider, r.payload, true,
    r.max_attempts, r.deadline, r.traceparent, r.told, held.held_at);
  insert into generations (account_id, id, job_id, model, provider, kind, input, metadata, requested,
    user_id, key_id, end_user, batch_id, webhook_url, created_at)
  select s.account_id, s.id, s.job_id, s.model, s.provider, s.kind, s.input, s.metadata, s.requested,
    s.subject->>'user', s.subject->>'key', s.subject->>'end_user', s.subject->>'batch', s.webhook_url, s.at
  from unnest(r.account_id, r.generation_id, r.job_id, r.model, r.provider, r.kind, r.input,
      r.metadata, r.requested, r.subject, r.webhook_url, held.held_at)
    s (account_id, id, job_id, model, provider, kind, input, metadata, requested, subject,
      webhook_url, at)
  where s.at is not null;
  held_at := held.held_at;
  rooms := held.rooms;
  answers := to_jsonb(held.answers);
end $$;

-- One attempt's measured facts. The price is what the user paid for it, 0 but for the one that delivered.
create or replace function usage_record(job jobs, u jsonb, price bigint, at timestamptz) returns void
language sql as $$
  insert into usage_events (account_id, job_id, attempt, job_created_at, user_id, key_id, end_user,
    provider, model, kind, status, error_class, units, vendor_cost_micro_usd, price_micro,
    duration_ms, provider_request_id, trace_id, created_at)
  select job.account_id, job.id, job.attempt, job.created_at, g.user_id, g.key_id, g.end_user,
    u->>'provider', u->>'model', u->>'kind', u->>'status', u->>'error_class', u->'units',
    (u->>'vendor_cost')::bigint, price, (u->>'duration_ms')::bigint, u->>'provider_request_id',
    split_part(job.traceparent, '-', 2), at
  from generations g where g.account_id = job.account_id and g.job_id = job.id
  on conflict do nothing
$$;

-- Ends a job with its hold. The caller holds the job's lock; the state is final after it.
create or replace function generation_end(job jobs, p jsonb) returns jsonb language plpgsql as $$
declare
  money jsonb;
  at timestamptz;
  failure jsonb := nullif(p->'error', 'null');
begin
  money := ledger_resolve(p || jsonb_build_object('account', job.account_id, 'hold', job.id));
  at := coalesce((money->>'at')::timestamptz, clock_timestamp());
  if (p->>'cost')::bigint > (money->>'charged')::bigint and money->>'outcome' = 'now' then
    insert into losses (account_id, job_id, attempt, kind, price_micro, vendor_cost_micro_usd, created_at)
    values (job.account_id, job.id, job.attempt, 'overrun',
      (p->>'cost')::bigint - (money->>'charged')::bigint,
      coalesce((p->'usage'->>'vendor_cost')::bigint, 0), at);
  end if;
  insert into losses (account_id, job_id, attempt, kind, price_micro, vendor_cost_micro_usd, assumed,
    created_at)
  select job.account_id, job.id, job.attempt, l.kind, l.price, l.vendor_cost, l.assumed, at
  from jsonb_to_record(p->'loss') l (kind text, price bigint, vendor_cost bigint, assumed boolean)
  where l.kind is not null and money->>'outcome' = 'now';
  if p->'usage' is not null then
    perform usage_record(job, p->'usage', (money->>'charged')::bigint, at);
  end if;

  insert into assets (account_id, id, sha256, source, content_type, bytes, width, height, duration_ms,
    created_by, created_at)
  select job.account_id, o.id, o.sha256, 'output', o.content_type, o.bytes, o.width, o.height,
    o.duration_ms, 'job:' || job.id, at
  from jsonb_to_recordset(coalesce(p->'outputs', '[]')) o (id text, sha256 text, content_type text,
    bytes bigint, width integer, height integer, duration_ms bigint);
  insert into generation_outputs (account_id, generation_id, position, asset_id)
  select job.account_id, g.id, o.n, o.item->>'id'
  from generations g, jsonb_array_elements(coalesce(p->'outputs', '[]')) with ordinality o (item, n)
  where g.account_id = job.account_id and g.job_id = job.id;

  update generations set outcome = p->>'job_state', finished_at = at,
    delivered = coalesce((p->>'delivered')::integer, 0)
  where account_id = job.account_id and job_id = job.id;
  update jobs set state = p->>'job_state', finished_at = at, lease_until = null, handle = null,
    error = case p->>'job_state' when 'succeeded' then null else coalesce(failure, error) end,
    progress = case p->>'job_state' when 'succeeded' then 1 else progress end
  where account_id = job.account_id and id = job.id;
  if p#>>'{usage,units,reported,doubt}' is not null then
    perform job_tell(job, 'price_doubted', jsonb_build_object(
      'reason', p#>>'{usage,units,reported,doubt}'));
  end if;
  perform job_tell(job, case money->>'state' when 'settled' then 'settled' else 'released' end, jsonb_build_object(
    'charged', credits_text((money->>'charged')::bigint),
    'returned', credits_text((money->>'held')::bigint - (money->>'charged')::bigint)));
  perform job_tell(job, p->>'job_state', jsonb_strip_nulls(jsonb_build_object(
    'delivered', coalesce((p->>'delivered')::integer, 0),
    'cost', credits_text((money->>'charged')::bigint), 'error', failure)));
  perform webhook_generations_ended(array[job.account_id], array[job.id]);
  return jsonb_build_object('outcome', 'finished', 'state', p->>'job_state', 'charged', money->>'charged');
end $$;

-- How an ended job ended, for whoever comes second.
create or replace function generation_resolved(job jobs) returns jsonb language sql stable as $$
  select jsonb_build_object('outcome', 'resolved', 'state', job.state,
    'charged', coalesce((select cost_micro from holds h
      where h.account_id = job.account_id and h.id = job.id), 0)::text)
$$;

-- The worker's end of a job: settles what was delivered, or releases.
--   p: account, job, token, job_state, cost, delivered, outputs[], error, usage, loss, measures{}
create or replace function generation_finish(p jsonb) returns jsonb language plpgsql as $$
declare
  job jobs;
begin
  select * into job from jobs where account_id = p->>'account' and id = p->>'job' for update;
  if not found then
    raise exception 'no job %', p->>'job' using errcode = 'DG002';
  end if;
  if job.token <> (p->>'token')::bigint then
    return jsonb_build_object('outcome', 'stale');
  end if;
  if job.state in ('succeeded', 'failed', 'canceled', 'expired') then
    return generation_resolved(job);
  end if;
  if job.state <> 'running' then
    return jsonb_build_object('outcome', 'stale');
  end if;
  return generation_end(job, p || jsonb_build_object(
    'state', case when (p->>'cost')::bigint > 0 then 'settled' else 'released' end,
    'keep_expired', p->>'job_state' = 'failed', 'actor', 'system:worker'));
end $$;

-- The caller's wish to stop. Queued ends here and is free; running is asked to.
create or replace function generation_cancel(p jsonb) returns jsonb language plpgsql as $$
declare
  job jobs;
begin
  select * into job from jobs where account_id = p->>'account' and id = p->>'job' for update;
  if not found then return jsonb_build_object('outcome', 'missing'); end if;
  if job.state in ('succeeded', 'failed', 'canceled', 'expired') then
    return generation_resolved(job);
  end if;
  if job.state = 'queued' then
    update jobs set token = token + 1, cancel_requested_at = clock_timestamp(), cancel_actor = p->>'actor'
    where account_id = job.account_id and id = job.id;
    perform generation_end(job, jsonb_build_object('job_state', 'canceled', 'state', 'released',
      'actor', p->>'actor'));
    return jsonb_build_object('outcome', 'canceled');
  end if;
  if job.cancel_requested_at is null then
    update jobs set cancel_requested_at = clock_timestamp(), cancel_actor = p->>'actor'
    where account_id = job.account_id and id = job.id;
    perform job_tell(job, 'cancel_requested', '{}');
    perform job_recall(job);
  end if;
  return jsonb_build_object('outcome', 'requested');
end $$;

-- Ends a job that nobody will finish. Looks again after the lock: it may have been finished since.
--   p: account, job, reason ('deadline'|'canceled')
create or replace function generation_expire(p jsonb) returns jsonb language plpgsql as $$
declare
  job jobs;
  late boolean;
begin
  select * into job from jobs where account_id = p->>'account' and id = p->>'job' for update;
  if not found then return jsonb_build_object('outcome', 'stale'); end if;
  if job.state in ('succeeded', 'failed', 'canceled', 'expired') then
    return generation_resolved(job);
  end if;
  late := job_lapsed(job) = 'deadline';
  if late is null then return jsonb_build_object('outcome', 'stale'); end if;
  update jobs set token = token + 1 where account_id = job.account_id and id = job.id;
  return generation_end(job, coalesce(
    attempt_abandoned(job, case when late then 'failed' else 'canceled' end), '{}'
  ) || jsonb_build_object(
    'job_state', case when late then 'expired' else 'canceled' end,
    'state', case when late then 'expired' else 'released' end,
    'keep_expired', late, 'actor', 'system:sweeper', 'error', case when late then jsonb_build_object(
      'class', 'deadline', 'message', 'The work was not done before its deadline. Nothing was charged.') end));
end $$;
