-- Holds, jobs and generations as one, in one transaction for all. Of each answers either when it
-- started or what became of it instead; a refusal writes nothing. Patience is for starts of one account only.
--   p: the columns of the type starts
--
-- Its plans are made once and find rows by their keys. Made for every call they would cost more
-- than the call; made while a table was empty they would read all of it ever after.
drop function if exists generation_start(jsonb, boolean);
create function generation_start(
  p jsonb, patient boolean, out held_at timestamptz[], out answers jsonb, out rooms text[],
  out remarks jsonb
) language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  r starts := jsonb_populate_record(null::starts, p);
  held record := ledger_hold_each(r, patient);
begin
  perform job_enqueue(r.account_id, r.job_id, 'generation', r.provider, r.payload, true,
    r.max_attempts, r.deadline, r.traceparent, r.told, held.held_at);
  if held.remarks is not null then
    perform job_wait(r.account_id, r.job_id, held.remarks);
    remarks := to_jsonb(held.remarks);
  end if;
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

-- The measured facts of an attempt that ended no job. Nobody pays for it.
create or replace function usage_record(job jobs, u jsonb, at timestamptz) returns void language sql as $$
  insert into usage_events (account_id, job_id, attempt, job_created_at, user_id, key_id, end_user,
    provider, model, kind, status, error_class, units, vendor_cost_micro_usd, price_micro,
    duration_ms, provider_request_id, trace_id, created_at)
  select job.account_id, job.id, job.attempt, job.created_at, g.user_id, g.key_id, g.end_user,
    u->>'provider', u->>'model', u->>'kind', u->>'status', u->>'error_class', u->'units',
    (u->>'vendor_cost')::bigint, 0, (u->>'duration_ms')::bigint, u->>'provider_request_id',
    split_part(job.traceparent, '-', 2), at
  from generations g where g.account_id = job.account_id and g.job_id = job.id
  on conflict do nothing
$$;

-- Ends jobs with their holds, each once: settles what was delivered, or releases. Of each answers
-- 'finished', 'resolved' where it had ended before, 'stale' where its token is not the job's any more,
-- 'missing', or 'busy' where somebody else has the job, its hold or its account and nobody was to wait
-- for it; and what was charged. Patience is for ends of one account only.
--   states, keep_expired, actors: how their holds end, as in 40_ledger_resolve.sql
create or replace function generation_end(
  r job_ends, states text[], keep_expired boolean[], actors text[], patient boolean,
  out answers text[], out charged bigint[], out ended text[]
) language plpgsql as $$
declare
  calls integer[] := array[cardinality(r.account_id)];
  call record;
  m record;
  attempts integer[] := array_fill(null::integer, calls);
  created timestamptz[] := array_fill(null::timestamptz, calls);
  traces text[] := array_fill(null::text, calls);
  seqs integer[] := array_fill(null::integer, calls);
  doubts text[] := array_fill(null::text, calls);
  -- When each ended, NULL for those that did not; and what its cost was above the hold, NULL where the
  -- hold had ended before.
  at timestamptz[] := array_fill(null::timestamptz, calls);
  unpaid bigint[] := array_fill(null::bigint, calls);
  has_lost boolean := false;
  told_of text[];
  told text[];
begin
  if patient then
    perform from jobs j where j.account_id = r.account_id[1] and j.id = any (r.job_id)
    order by j.id for update;
  end if;
  answers := array_fill(case when patient then 'missing' else 'busy' end, calls);
  ended := array_fill(null::text, calls);
  charged := array_fill(0::bigint, calls);
  for call in
    select c.n, c.token as token_of_caller, j.*
    from unnest(r.account_id, r.job_id, r.token) with ordinality c (account_id, id, token, n)
    cross join lateral (
      select j.token, j.state, j.attempt, j.created_at, j.event_seq, j.traceparent from jobs j
      where j.account_id = c.account_id and j.id = c.id
      for update skip locked
    ) j
  loop
    answers[call.n] := case
      when call.token <> call.token_of_caller then 'stale'
      when call.state in ('succeeded', 'failed', 'canceled', 'expired') then 'resolved'
      when call.state <> 'running' and call.token_of_caller is not null then 'stale'
      else 'finished' end;
    ended[call.n] := call.state;
    attempts[call.n] := call.attempt;
    created[call.n] := call.created_at;
    seqs[call.n] := call.event_seq;
    traces[call.n] := call.traceparent;
    doubts[call.n] := r.usage[call.n]#>>'{units,reported,doubt}';
  end loop;
  for i in 1 .. calls[1] loop
    if answers[i] <> 'finished' then states[i] := null; end if;
  end loop;

  m := ledger_resolve(r.account_id, r.job_id, states, r.cost, r.measures, keep_expired, actors, patient);
  for i in 1 .. calls[1] loop
    if states[i] is null then
      if answers[i] = 'resolved' then
        charged[i] := coalesce((select h.cost_micro from holds h
          where h.account_id = r.account_id[i] and h.id = r.job_id[i]), 0);
      end if;
      continue;
    end if;
    if m.outcomes[i] = 'busy' then
      answers[i] := 'busy';
      continue;
    end if;
    ended[i] := r.job_state[i];
    charged[i] := m.charged[i];
    at[i] := coalesce(m.at[i], clock_timestamp());
    if m.outcomes[i] = 'now' then
      unpaid[i] := greatest(r.cost[i] - m.charged[i], 0);
      has_lost := has_lost or unpaid[i] > 0 or r.loss[i] is not null;
    end if;
  end loop;

  if has_lost then
    insert into losses (account_id, job_id, attempt, kind, price_micro, vendor_cost_micro_usd, created_at)
    select e.account_id, e.job_id, e.attempt, 'overrun', e.unpaid_micro,
      coalesce((e.usage->>'vendor_cost')::bigint, 0), e.at
    from unnest(r.account_id, r.job_id, attempts, unpaid, r.usage, at)
      e (account_id, job_id, attempt, unpaid_micro, usage, at)
    where e.unpaid_micro > 0;
    insert into losses (account_id, job_id, attempt, kind, price_micro, vendor_cost_micro_usd, assumed,
      created_at)
    select e.account_id, e.job_id, e.attempt, l.kind, l.price, l.vendor_cost, l.assumed, e.at
    from unnest(r.account_id, r.job_id, attempts, unpaid, r.loss, at)
      e (account_id, job_id, attempt, unpaid_micro, loss, at),
      jsonb_to_record(e.loss) l (kind text, price bigint, vendor_cost bigint, assumed boolean)
    where l.kind is not null and e.unpaid_micro is not null;
  end if;

  with done as (
    update generations g set outcome = e.job_state, finished_at = e.at,
      delivered = coalesce(e.delivered, 0)
    from unnest(r.account_id, r.job_id, r.job_state, r.delivered, r.outputs, r.usage, attempts, created,
        traces, charged, at)
      e (account_id, job_id, job_state, delivered, outputs, usage, attempt, created_at, traceparent,
        charged_micro, at)
    where e.at is not null and g.account_id = e.account_id and g.job_id = e.job_id
    returning e.*, g.id, g.user_id, g.key_id, g.end_user, g.webhook_url
  ),
  -- The price is what the user paid for it, 0 but for the one that delivered.
  used as (
    insert into usage_events (account_id, job_id, attempt, job_created_at, user_id, key_id, end_user,
      provider, model, kind, status, error_class, units, vendor_cost_micro_usd, price_micro,
      duration_ms, provider_request_id, trace_id, created_at)
    select d.account_id, d.job_id, d.attempt, d.created_at, d.user_id, d.key_id, d.end_user,
      d.usage->>'provider', d.usage->>'model', d.usage->>'kind', d.usage->>'status',
      d.usage->>'error_class', d.usage->'units', (d.usage->>'vendor_cost')::bigint, d.charged_micro,
      (d.usage->>'duration_ms')::bigint, d.usage->>'provider_request_id',
      split_part(d.traceparent, '-', 2), d.at
    from done d where d.usage is not null
    on conflict do nothing
  ),
  stored as (
    insert into assets (account_id, id, sha256, source, content_type, bytes, width, height, duration_ms,
      created_by, created_at)
    select d.account_id, o->>'id', o->>'sha256', 'output', o->>'content_type', (o->>'bytes')::bigint,
      (o->>'width')::integer, (o->>'height')::integer, (o->>'duration_ms')::bigint,
      'job:' || d.job_id, d.at
    from done d, jsonb_array_elements(d.outputs->'files') o
  ),
  shown as (
    insert into generation_outputs (account_id, generation_id, position, asset_id)
    select d.account_id, d.id, o.n, o.item->>'id'
    from done d, jsonb_array_elements(d.outputs->'files') with ordinality o (item, n)
  )
  select array_agg(d.account_id), array_agg(d.job_id) into told_of, told
  from done d
  where d.webhook_url is not null or exists (select from webhook_endpoints w
    where w.account_id = d.account_id and w.deleted_at is null);

  with done as (
    update jobs j set state = e.job_state, finished_at = e.at, lease_until = null,
      handle = null, event_seq = j.event_seq + 2 + (e.doubt is not null)::integer,
      error = case e.job_state when 'succeeded' then null else coalesce(e.error, j.error) end,
      progress = case e.job_state when 'succeeded' then 1 else j.progress end
    from unnest(r.account_id, r.job_id, r.job_state, r.error, doubts, at)
      e (account_id, id, job_state, error, doubt, at)
    where e.at is not null and j.account_id = e.account_id and j.id = e.id
  )
  insert into job_events (account_id, job_id, seq, type, data)
  select e.account_id, e.id, e.seq + t.step + (e.doubt is not null)::integer, t.type, t.data
  from unnest(r.account_id, r.job_id, seqs, r.job_state, r.delivered, r.error, doubts, m.ended, m.held,
      charged, at)
    e (account_id, id, seq, job_state, delivered, error, doubt, hold_state, held_micro, charged_micro, at)
  cross join lateral (values
    (0, 'price_doubted', jsonb_build_object('reason', e.doubt)),
    (1, case e.hold_state when 'settled' then 'settled' else 'released' end, jsonb_build_object(
      'charged', credits_text(e.charged_micro),
      'returned', credits_text(e.held_micro - e.charged_micro))),
    (2, e.job_state, jsonb_strip_nulls(jsonb_build_object(
      'delivered', coalesce(e.delivered, 0), 'cost', credits_text(e.charged_micro), 'error', e.error)))
  ) t (step, type, data)
  where e.at is not null and (t.step > 0 or e.doubt is not null);

  if told is not null then perform webhook_generations_ended(told_of, told); end if;
end $$;

-- The end of one job that is locked, by its caller alone. Answers what was charged.
--   ask: job_state, state (of the hold), error, usage, loss, keep_expired, actor
create or replace function generation_end_alone(job jobs, ask jsonb) returns bigint
language plpgsql as $$
declare
  r job_ends;
begin
  r.account_id := array[job.account_id];
  r.job_id := array[job.id];
  r.job_state := array[ask->>'job_state'];
  r.error := array[nullif(ask->'error', 'null')];
  r.usage := array[nullif(ask->'usage', 'null')];
  r.loss := array[nullif(ask->'loss', 'null')];
  return (select e.charged[1] from generation_end(r, array[ask->>'state'],
    array[coalesce((ask->>'keep_expired')::boolean, false)], array[ask->>'actor'], true) e);
end $$;

-- How an ended job ended, for whoever comes second.
create or replace function generation_resolved(job jobs) returns jsonb language sql stable as $$
  select jsonb_build_object('outcome', 'resolved', 'state', job.state,
    'charged', coalesce((select cost_micro from holds h
      where h.account_id = job.account_id and h.id = job.id), 0)::text)
$$;

-- The workers' ends of jobs of one moment, in one transaction. Of each answers what became of it.
--   p: the columns of the type job_ends; outputs: { files[] } each, as an array of arrays would be a table
--
-- Its plans are made once and find rows by their keys, as those of generation_start.
create or replace function generation_finish(p jsonb, patient boolean) returns jsonb
language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  r job_ends := jsonb_populate_record(null::job_ends, p);
  e record;
begin
  e := generation_end(r,
    array(select case when c.cost > 0 then 'settled' else 'released' end
      from unnest(r.cost) with ordinality c (cost, n) order by c.n),
    array(select c.state = 'failed' from unnest(r.job_state) with ordinality c (state, n) order by c.n),
    array_fill('system:worker'::text, array[cardinality(r.account_id)]), patient);
  if 'missing' = any (e.answers) then
    raise exception 'no job' using errcode = 'DG002';
  end if;
  return (
    select jsonb_agg(case when c.answer in ('finished', 'resolved')
      then jsonb_build_object('outcome', c.answer, 'state', c.state, 'charged', c.charged::text)
      else jsonb_build_object('outcome', c.answer) end order by c.n)
    from unnest(e.answers, e.ended, e.charged) with ordinality c (answer, state, charged, n));
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
    -- It may wait for another try, with work at its vendor that nobody will ask about any more.
    perform generation_end_alone(job, jsonb_build_object('job_state', 'canceled', 'state', 'released',
      'actor', p->>'actor') || coalesce(attempt_abandoned(job, 'canceled'), '{}'));
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
  ended text;
  charged bigint;
begin
  select * into job from jobs where account_id = p->>'account' and id = p->>'job' for update;
  if not found then return jsonb_build_object('outcome', 'stale'); end if;
  if job.state in ('succeeded', 'failed', 'canceled', 'expired') then
    return generation_resolved(job);
  end if;
  late := job_lapsed(job) = 'deadline';
  if late is null then return jsonb_build_object('outcome', 'stale'); end if;
  update jobs set token = token + 1 where account_id = job.account_id and id = job.id;
  ended := case when late then 'expired' else 'canceled' end;
  charged := generation_end_alone(job, coalesce(
    attempt_abandoned(job, case when late then 'failed' else 'canceled' end), '{}'
  ) || jsonb_build_object(
    'job_state', ended, 'state', case when late then 'expired' else 'released' end,
    'keep_expired', late, 'actor', 'system:sweeper', 'error', case when late then jsonb_build_object(
      'class', 'deadline', 'message', 'The work was not done before its deadline. Nothing was charged.') end));
  return jsonb_build_object('outcome', 'finished', 'state', ended, 'charged', charged::text);
end $$;
