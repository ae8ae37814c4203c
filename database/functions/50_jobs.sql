-- The job's own verbs. They touch jobs, their events and their lanes only.

-- Jobs and the first line of their stories, by columns. One without a time is none. `at` is the
-- account's time, which may be ahead of the real one; what workers wait for is real time.
drop function if exists job_enqueue(text[], text[], text, jsonb[], boolean, integer[],
  timestamptz[], text[], jsonb[], timestamptz[]);
create or replace function job_enqueue(
  account_ids text[], job_ids text[], kind text, providers text[], payloads jsonb[],
  metered boolean, max_attempts integer[], deadlines timestamptz[], traceparents text[],
  told jsonb[], at timestamptz[]
) returns void language plpgsql as $$
begin
  insert into jobs (account_id, id, kind, provider, payload, metered, max_attempts, run_at, deadline,
    traceparent, created_at, event_seq)
  select j.account_id, j.id, job_enqueue.kind, j.provider, j.payload, job_enqueue.metered,
    j.max_attempts, least(j.at, clock_timestamp()), j.deadline, j.traceparent, j.at, 1
  from unnest(account_ids, job_ids, providers, payloads, job_enqueue.max_attempts, deadlines,
    traceparents, job_enqueue.at)
    j (account_id, id, provider, payload, max_attempts, deadline, traceparent, at)
  where j.at is not null;
  insert into job_events (account_id, job_id, seq, type, data, created_at)
  select j.account_id, j.id, 1, 'queued', j.told, least(j.at, clock_timestamp())
  from unnest(account_ids, job_ids, job_enqueue.told, job_enqueue.at) j (account_id, id, told, at)
  where j.at is not null;
  perform lane_enter(account_ids, array_fill(job_enqueue.kind, array[cardinality(account_ids)]),
    providers, array(select case when j.at is not null then clock_timestamp() end
      from unnest(job_enqueue.at) with ordinality j (at, n) order by j.n));
end $$;

-- Plain jobs, without a price, for the functions and transactions of any room: in the call that
-- writes what they are about. One is not added while another with its dedupe key is open, nor
-- where its id is taken; of each answers whether it was added and, if not, which one is there.
--   p: [{ account, id, kind, payload, run_at, priority, dedupe_key, start_by, deadline,
--         max_attempts, traceparent }]
create or replace function job_add(p jsonb) returns table (id text, added boolean)
language plpgsql as $$
declare
  given new_job[] := array(select j from jsonb_populate_recordset(null::new_job, p) j);
  written text[];
begin
  with written as (
    insert into jobs (account_id, id, kind, payload, metered, priority, max_attempts, run_at,
      start_by, deadline, dedupe_key, traceparent, created_at, event_seq)
    select g.account, g.id, g.kind, g.payload, false, coalesce(g.priority, 0::smallint),
      g.max_attempts, coalesce(g.run_at, clock_timestamp()), g.start_by, g.deadline, g.dedupe_key,
      g.traceparent, clock_timestamp(), 1
    from unnest(given) g
    on conflict do nothing
    returning account_id, jobs.id
  ),
  told as (
    insert into job_events (account_id, job_id, seq, type)
    select w.account_id, w.id, 1, 'queued' from written w
  )
  select array_agg(w.id) into written from written w;
  perform lane_enter(array_agg(g.account), array_agg(g.kind), array_agg(''::text),
    array_agg(coalesce(g.run_at, clock_timestamp())))
  from unnest(given) g where g.id = any (written)
  having count(*) > 0;
  -- A statement of its own: it sees the jobs that others were adding meanwhile.
  return query
  select case when g.id = any (written) then g.id else coalesce(
      (select j.id from jobs j where j.account_id = g.account and j.kind = g.kind
        and j.dedupe_key = g.dedupe_key and j.state in ('queued', 'running')), g.id) end,
    coalesce(g.id = any (written), false)
  from unnest(given) with ordinality g (account, id, kind, payload, run_at, priority, dedupe_key,
    start_by, deadline, max_attempts, traceparent, n)
  order by g.n;
end $$;

-- Writes the next line of a job's story. The caller holds the job's lock.
create or replace function job_tell(job jobs, type text, data jsonb) returns void
language sql as $$
  with next as (
    update jobs set event_seq = event_seq + 1
    where account_id = job.account_id and id = job.id
    returning event_seq
  )
  insert into job_events (account_id, job_id, seq, type, data)
  select job.account_id, job.id, next.event_seq, type, data from next
$$;

-- Renews the leases that are still held by these tokens.
create or replace function job_heartbeat(p jsonb, lease_ms integer)
returns table (account_id text, job_id text, cancel_requested boolean) language sql as $$
  -- Locked in the order in which those are that end together.
  with own as (
    select j.account_id, j.id from jobs j
    join jsonb_to_recordset(p) l (account text, job text, token bigint)
      on j.account_id = l.account and j.id = l.job and j.token = l.token
    where j.state = 'running'
    order by j.account_id, j.id
    for no key update of j
  )
  update jobs j set lease_until = clock_timestamp() + lease_ms * interval '1 ms'
  from own where j.account_id = own.account_id and j.id = own.id
  returning j.account_id, j.id, j.cancel_requested_at is not null
$$;

-- The job, locked, if this token still owns it.
create or replace function job_own(p jsonb) returns setof jobs language sql as $$
  select * from jobs
  where account_id = p->>'account' and id = p->>'job' and token = (p->>'token')::bigint
    and state = 'running'
  for update
$$;

create or replace function job_progress(p jsonb) returns boolean language plpgsql as $$
declare
  job jobs;
begin
  select * into job from job_own(p);
  if not found then return false; end if;
  update jobs set progress = (p->>'progress')::real where account_id = job.account_id and id = job.id;
  perform job_tell(job, 'progress', jsonb_build_object('progress', p->'progress') || coalesce(p->'data', '{}'));
  return true;
end $$;

create or replace function job_hand_off(p jsonb) returns boolean language plpgsql as $$
declare
  job jobs;
begin
  select * into job from job_own(p);
  if not found then return false; end if;
  update jobs set handle = p->'handle', in_doubt = false where account_id = job.account_id and id = job.id;
  perform job_tell(job, 'submitted', '{}');
  return true;
end $$;

-- Puts a job back. Its handle goes with the attempt that failed, unless the failure was only
-- in asking about it (keep_handle).
create or replace function job_retry(p jsonb) returns boolean language plpgsql as $$
declare
  job jobs;
begin
  select * into job from job_own(p);
  if not found then return false; end if;
  update jobs set state = 'queued', run_at = (p->>'run_at')::timestamptz, lease_until = null,
    leased_by = null, error = p->'error',
    attempt = attempt - case when (p->>'free')::boolean then 1 else 0 end,
    handle = case when (p->>'keep_handle')::boolean then handle end,
    in_doubt = coalesce((p->>'in_doubt')::boolean, false)
  where account_id = job.account_id and id = job.id;
  if p->'usage' is not null and p->'usage' <> 'null' then
    perform usage_record(job, p->'usage', ledger_clock(a)) from accounts a where a.id = job.account_id;
  end if;
  perform job_tell(job, 'retrying', jsonb_build_object(
    'attempt', job.attempt, 'error', p->'error', 'run_at', p->'run_at'));
  perform lane_enter(array[job.account_id], array[job.kind], array[job.provider],
    array[(p->>'run_at')::timestamptz]);
  return true;
end $$;

create or replace function job_hand_back(p jsonb) returns boolean language plpgsql as $$
declare
  job jobs;
begin
  select * into job from job_own(p);
  if not found then return false; end if;
  update jobs set state = 'queued', run_at = clock_timestamp(), lease_until = null,
    leased_by = null, attempt = attempt - 1,
    in_doubt = in_doubt or coalesce((p->>'in_doubt')::boolean, false)
  where account_id = job.account_id and id = job.id;
  perform job_tell(job, 'handed_back', '{}');
  perform lane_enter(array[job.account_id], array[job.kind], array[job.provider],
    array[clock_timestamp()]);
  return true;
end $$;

-- Requeues jobs whose worker went silent. The new claim's token fences the old worker off.
create or replace function job_requeue_lost(n integer)
returns table (account_id text, job_id text) language plpgsql as $$
declare
  lost jobs[];
begin
  with lost as (
    select j.account_id, j.id from jobs j
    where state = 'running' and lease_until < clock_timestamp() and cancel_requested_at is null
    order by lease_until limit n
    for update skip locked
  ),
  requeued as (
    update jobs j set state = 'queued', run_at = clock_timestamp(), lease_until = null,
      leased_by = null, in_doubt = in_doubt or (metered and handle is null),
      event_seq = j.event_seq + 1
    from lost where j.account_id = lost.account_id and j.id = lost.id
    returning j.*
  ),
  told as (
    insert into job_events (account_id, job_id, seq, type, data)
    select r.account_id, r.id, r.event_seq, 'lease_lost', jsonb_build_object('attempt', r.attempt)
    from requeued r
  )
  select array_agg(r::jobs) into lost from requeued r;
  if lost is null then return; end if;
  perform lane_enter(array_agg(l.account_id), array_agg(l.kind), array_agg(l.provider),
    array_agg(l.run_at)) from unnest(lost) l;
  return query select l.account_id, l.id from unnest(lost) l;
end $$;

-- Open jobs that nobody will finish: past their time, or canceled with no worker left. Each part
-- by its own index, so that the many others are not looked at.
drop function if exists job_overdue(integer);
create or replace function job_overdue(n integer)
returns table (account_id text, job_id text, metered boolean, reason text) language sql as $$
  (select j.account_id, j.id, j.metered, 'deadline' from jobs j
    where state in ('queued', 'running') and deadline <= clock_timestamp()
    order by deadline limit n)
  union all
  (select j.account_id, j.id, j.metered, 'deadline' from jobs j
    where state = 'queued' and started_at is null and start_by is not null
      and start_by <= clock_timestamp() and deadline > clock_timestamp()
    order by start_by limit n)
  union all
  (select j.account_id, j.id, j.metered, 'canceled' from jobs j
    where state in ('queued', 'running') and cancel_requested_at is not null
      and deadline > clock_timestamp()
      and (lease_until is null or lease_until < clock_timestamp())
      and (start_by > clock_timestamp() or started_at is not null or start_by is null)
    order by cancel_requested_at limit n)
  limit n
$$;

-- Ends a plain job. The caller holds its lock; the state is final after it.
create or replace function job_end(job jobs, ended text, failure jsonb) returns void
language plpgsql as $$
begin
  update jobs set state = ended, finished_at = clock_timestamp(), lease_until = null,
    error = case ended when 'succeeded' then null else coalesce(failure, error) end,
    progress = case ended when 'succeeded' then 1 else progress end
  where account_id = job.account_id and id = job.id;
  perform job_tell(job, ended, jsonb_strip_nulls(jsonb_build_object('error', failure)));
end $$;

-- The ends of plain jobs by those who worked on them, many in one call. Answers of each whether it
-- was its worker's to end.
--   p: [{ account, job, token, state, error }]
create or replace function job_finish(p jsonb) returns boolean[] language plpgsql
set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
set enable_hashjoin = off set enable_mergejoin = off set jit = off as $$
declare
  answers boolean[] := array_fill(false, array[jsonb_array_length(p)]);
  place integer;
begin
  for place in
    with own as (
      select j.account_id, j.id, g.state as ended, nullif(g.error, 'null') as failure, g.n
      from rows from (jsonb_to_recordset(p) as (account text, job text, token bigint, state text,
        error jsonb)) with ordinality g (account, job, token, state, error, n)
      join jobs j on j.account_id = g.account and j.id = g.job and j.token = g.token
      where j.state = 'running' and not j.metered
      -- Locked in one order, whoever sent them.
      order by j.account_id, j.id
      for update of j
    ),
    ended as (
      update jobs j set state = o.ended, finished_at = clock_timestamp(), lease_until = null,
        error = case o.ended when 'succeeded' then null else coalesce(o.failure, j.error) end,
        progress = case o.ended when 'succeeded' then 1 else j.progress end,
        event_seq = j.event_seq + 1
      from own o where j.account_id = o.account_id and j.id = o.id
      returning j.account_id, j.id, j.event_seq, o.ended, o.failure, o.n
    ),
    told as (
      insert into job_events (account_id, job_id, seq, type, data)
      select account_id, id, event_seq, ended,
        case when failure is null then '{}' else jsonb_build_object('error', failure) end
      from ended
    )
    select n from ended
  loop
    answers[place] := true;
  end loop;
  return answers;
end $$;

-- The wish that a plain job stops: queued it ends here, running it is asked to.
create or replace function job_cancel(p jsonb) returns jsonb language plpgsql as $$
declare
  job jobs;
begin
  select * into job from jobs
  where account_id = p->>'account' and id = p->>'job' and not metered for update;
  if not found then return jsonb_build_object('outcome', 'missing'); end if;
  if job.state in ('succeeded', 'failed', 'canceled', 'expired') then
    return jsonb_build_object('outcome', 'resolved', 'state', job.state);
  end if;
  if job.cancel_requested_at is null then
    update jobs set cancel_requested_at = clock_timestamp(), cancel_actor = p->>'actor'
    where account_id = job.account_id and id = job.id;
    if job.state = 'running' then perform job_tell(job, 'cancel_requested', '{}'); end if;
  end if;
  if job.state = 'running' then return jsonb_build_object('outcome', 'requested'); end if;
  perform job_end(job, 'canceled', null);
  return jsonb_build_object('outcome', 'canceled');
end $$;

-- Whether nobody will finish this job any more, and why.
create or replace function job_lapsed(job jobs) returns text language sql as $$
  select case
    when job.deadline <= clock_timestamp() or (job.state = 'queued' and job.started_at is null
      and job.start_by <= clock_timestamp()) then 'deadline'
    when job.cancel_requested_at is not null
      and (job.lease_until is null or job.lease_until < clock_timestamp()) then 'canceled'
  end
$$;

-- Ends a plain job that nobody will finish. Looks again after the lock.
create or replace function job_expire(p jsonb) returns boolean language plpgsql as $$
declare
  job jobs;
  reason text;
begin
  select * into job from jobs where account_id = p->>'account' and id = p->>'job'
    and not metered and state in ('queued', 'running') for update;
  reason := job_lapsed(job);
  if reason is null then return false; end if;
  update jobs set token = token + 1 where account_id = job.account_id and id = job.id;
  perform job_end(job, case reason when 'deadline' then 'expired' else 'canceled' end,
    case reason when 'deadline' then jsonb_build_object(
      'class', 'deadline', 'message', 'The work was not done in its time.') end);
  return true;
end $$;
