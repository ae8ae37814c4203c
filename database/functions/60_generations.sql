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

-- The measured facts of attempts, one each. The price is what the user paid for it, 0 but for the one
-- that delivered.
create or replace function usage_record(ends job_ending[]) returns void language sql as $$
  insert into usage_events (account_id, job_id, attempt, job_created_at, user_id, key_id, end_user,
    provider, model, kind, status, error_class, units, vendor_cost_micro_usd, price_micro,
    duration_ms, provider_request_id, trace_id, created_at)
  select (e.job).account_id, (e.job).id, (e.job).attempt, (e.job).created_at, g.user_id, g.key_id,
    g.end_user, u->>'provider', u->>'model', u->>'kind', u->>'status', u->>'error_class', u->'units',
    (u->>'vendor_cost')::bigint, e.charged_micro, (u->>'duration_ms')::bigint,
    u->>'provider_request_id', split_part((e.job).traceparent, '-', 2), e.at
  from unnest(ends) e
  join generations g on g.account_id = (e.job).account_id and g.job_id = (e.job).id
  cross join lateral (select nullif(e.ask->'usage', 'null') as u) x
  where u is not null
  on conflict do nothing
$$;

-- Ends jobs with their holds. The caller holds the jobs' locks; the state of those that are finished
-- is final after it.
--   ask: state, job_state, cost, delivered, outputs[], error, usage, loss, measures{},
--        keep_expired, actor
create or replace function generation_end(ends job_ending[], patient boolean) returns job_ending[]
language plpgsql as $$
declare
  done job_ending[];
begin
  done := array(
    select row(e.n, e.job, e.ask, 'finished', coalesce(m.state, m.was), coalesce(m.held, 0), m.charged,
      case when m.outcome = 'now' then greatest((e.ask->>'cost')::bigint - m.charged, 0) end,
      coalesce(m.at, clock_timestamp()))::job_ending
    from unnest(ends) e
    join (
      select h.n, h.outcome, h.at, coalesce(h.charged_micro, 0) as charged,
        (h.hold).amount_micro as held, (h.hold).state as was,
        case when h.outcome = 'now' then h.state end as state
      from unnest(ledger_resolve(ledger_lock_holds(array(
        select row(e.n, (e.job).account_id, (e.job).id, e.ask->>'state', (e.ask->>'cost')::bigint,
          e.ask->'measures', (e.ask->>'keep_expired')::boolean, e.ask->>'actor',
          null, null, null, null, null)::hold_end
        from unnest(ends) e where e.outcome is null), patient), patient)) h
    ) m on m.n = e.n
    where m.outcome <> 'busy');

  insert into losses (account_id, job_id, attempt, kind, price_micro, vendor_cost_micro_usd, created_at)
  select (e.job).account_id, (e.job).id, (e.job).attempt, 'overrun', e.unpaid_micro,
    coalesce((e.ask->'usage'->>'vendor_cost')::bigint, 0), e.at
  from unnest(done) e where e.unpaid_micro > 0;
  insert into losses (account_id, job_id, attempt, kind, price_micro, vendor_cost_micro_usd, assumed,
    created_at)
  select (e.job).account_id, (e.job).id, (e.job).attempt, l.kind, l.price, l.vendor_cost, l.assumed, e.at
  from unnest(done) e, jsonb_to_record(nullif(e.ask->'loss', 'null')) l (kind text, price bigint,
    vendor_cost bigint, assumed boolean)
  where l.kind is not null and e.unpaid_micro is not null;
  perform usage_record(done);

  insert into assets (account_id, id, sha256, source, content_type, bytes, width, height, duration_ms,
    created_by, created_at)
  select (e.job).account_id, o.id, o.sha256, 'output', o.content_type, o.bytes, o.width, o.height,
    o.duration_ms, 'job:' || (e.job).id, e.at
  from unnest(done) e, jsonb_to_recordset(coalesce(e.ask->'outputs', '[]')) o (id text, sha256 text,
    content_type text, bytes bigint, width integer, height integer, duration_ms bigint);
  with ended as (
    update generations g set outcome = e.ask->>'job_state', finished_at = e.at,
      delivered = coalesce((e.ask->>'delivered')::integer, 0)
    from unnest(done) e
    where g.account_id = (e.job).account_id and g.job_id = (e.job).id
    returning g.account_id, g.id, e.ask->'outputs' as outputs
  )
  insert into generation_outputs (account_id, generation_id, position, asset_id)
  select g.account_id, g.id, o.n, o.item->>'id'
  from ended g, jsonb_array_elements(coalesce(g.outputs, '[]')) with ordinality o (item, n);

  with ended as (
    update jobs j set state = e.ask->>'job_state', finished_at = e.at, lease_until = null,
      handle = null, event_seq = j.event_seq + 2 + (e.doubt is not null)::integer,
      error = case e.ask->>'job_state' when 'succeeded' then null
        else coalesce(nullif(e.ask->'error', 'null'), j.error) end,
      progress = case e.ask->>'job_state' when 'succeeded' then 1 else j.progress end
    from (select d.*, d.ask#>>'{usage,units,reported,doubt}' as doubt from unnest(done) d) e
    where j.account_id = (e.job).account_id and j.id = (e.job).id
    returning j.account_id, j.id, j.event_seq, e.ask, e.doubt, e.hold_state, e.charged_micro,
      e.held_micro
  )
  insert into job_events (account_id, job_id, seq, type, data)
  select j.account_id, j.id, j.event_seq - t.back, t.type, t.data
  from ended j cross join lateral (values
    (2, 'price_doubted', jsonb_build_object('reason', j.doubt)),
    (1, case j.hold_state when 'settled' then 'settled' else 'released' end, jsonb_build_object(
      'charged', credits_text(j.charged_micro),
      'returned', credits_text(j.held_micro - j.charged_micro))),
    (0, j.ask->>'job_state', jsonb_strip_nulls(jsonb_build_object(
      'delivered', coalesce((j.ask->>'delivered')::integer, 0),
      'cost', credits_text(j.charged_micro), 'error', nullif(j.ask->'error', 'null'))))
  ) t (back, type, data)
  where t.back < 2 or j.doubt is not null
  order by j.account_id, j.id, t.back desc;

  perform webhook_generations_ended(array(select (e.job).account_id from unnest(done) e),
    array(select (e.job).id from unnest(done) e));

  return array(
    select coalesce(d, row(e.n, e.job, e.ask, coalesce(e.outcome, 'busy'),
      null, null, null, null, null)::job_ending)
    from unnest(ends) e left join unnest(done) d on d.n = e.n order by e.n);
end $$;

-- The end of one job that is locked, by its caller alone.
create or replace function generation_end_alone(job jobs, ask jsonb) returns job_ending language sql as $$
  select (generation_end(
    array[row(1, job, ask, null, null, null, null, null, null)::job_ending], true))[1]
$$;

-- How an ended job ended, for whoever comes second.
create or replace function generation_resolved(job jobs) returns jsonb language sql stable as $$
  select jsonb_build_object('outcome', 'resolved', 'state', job.state,
    'charged', coalesce((select cost_micro from holds h
      where h.account_id = job.account_id and h.id = job.id), 0)::text)
$$;

-- The workers' ends of jobs of one moment, in one transaction: settles what was delivered, or releases.
-- Of each answers what became of it, 'busy' where somebody else has the job, its hold or its account
-- and nobody was to wait for it. Patience is for ends of one account only.
--   p: [{ account, job, token, job_state, cost, delivered, outputs[], error, usage, loss, measures{} }]
create or replace function generation_finish(p jsonb, patient boolean) returns jsonb
language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  ends job_ending[];
begin
  if patient then
    perform from jsonb_array_elements(p) a (ask)
    join jobs j on j.account_id = a.ask->>'account' and j.id = a.ask->>'job'
    order by j.id for update of j;
  end if;
  ends := array(
    with found as materialized (
      select a.n, j as job from jsonb_array_elements(p) with ordinality a (ask, n)
      join jobs j on j.account_id = a.ask->>'account' and j.id = a.ask->>'job'
      for update of j skip locked
    )
    select row(a.n, f.job, a.ask || jsonb_build_object('actor', 'system:worker',
        'state', case when (a.ask->>'cost')::bigint > 0 then 'settled' else 'released' end,
        'keep_expired', a.ask->>'job_state' = 'failed'),
      case when f.n is null then case when patient then 'missing' else 'busy' end
        when (f.job).token <> (a.ask->>'token')::bigint then 'stale'
        when (f.job).state in ('succeeded', 'failed', 'canceled', 'expired') then 'resolved'
        when (f.job).state <> 'running' then 'stale' end,
      null, null, null, null, null)::job_ending
    from jsonb_array_elements(p) with ordinality a (ask, n)
    left join found f on f.n = a.n order by a.n);
  if exists (select from unnest(ends) e where e.outcome = 'missing') then
    raise exception 'no job' using errcode = 'DG002';
  end if;
  ends := generation_end(ends, patient);
  return (
    select jsonb_agg(case e.outcome
      when 'finished' then jsonb_build_object('outcome', 'finished',
        'state', e.ask->>'job_state', 'charged', e.charged_micro::text)
      when 'resolved' then generation_resolved(e.job)
      else jsonb_build_object('outcome', e.outcome) end order by e.n)
    from unnest(ends) e);
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
  ended job_ending;
begin
  select * into job from jobs where account_id = p->>'account' and id = p->>'job' for update;
  if not found then return jsonb_build_object('outcome', 'stale'); end if;
  if job.state in ('succeeded', 'failed', 'canceled', 'expired') then
    return generation_resolved(job);
  end if;
  late := job_lapsed(job) = 'deadline';
  if late is null then return jsonb_build_object('outcome', 'stale'); end if;
  update jobs set token = token + 1 where account_id = job.account_id and id = job.id;
  ended := generation_end_alone(job, coalesce(
    attempt_abandoned(job, case when late then 'failed' else 'canceled' end), '{}'
  ) || jsonb_build_object(
    'job_state', case when late then 'expired' else 'canceled' end,
    'state', case when late then 'expired' else 'released' end,
    'keep_expired', late, 'actor', 'system:sweeper', 'error', case when late then jsonb_build_object(
      'class', 'deadline', 'message', 'The work was not done before its deadline. Nothing was charged.') end));
  return jsonb_build_object('outcome', ended.outcome, 'state', ended.ask->>'job_state',
    'charged', ended.charged_micro::text);
end $$;
