-- The job's own verbs. They touch jobs and their events only.

-- Jobs and the first line of their stories, by columns. One without a time is none. `at` is the
-- account's time, which may be ahead of the real one; what workers wait for is real time.
create or replace function job_enqueue(
  account_ids text[], job_ids text[], kind text, payloads jsonb[], metered boolean,
  max_attempts integer[], deadlines timestamptz[], traceparents text[], told jsonb[],
  at timestamptz[]
) returns void language plpgsql as $$
begin
  insert into jobs (account_id, id, kind, payload, metered, max_attempts, run_at, deadline,
    traceparent, created_at, event_seq)
  select j.account_id, j.id, job_enqueue.kind, j.payload, job_enqueue.metered, j.max_attempts,
    least(j.at, clock_timestamp()), j.deadline, j.traceparent, j.at, 1
  from unnest(account_ids, job_ids, payloads, job_enqueue.max_attempts, deadlines, traceparents,
    job_enqueue.at) j (account_id, id, payload, max_attempts, deadline, traceparent, at)
  where j.at is not null;
  insert into job_events (account_id, job_id, seq, type, data, created_at)
  select j.account_id, j.id, 1, 'queued', j.told, least(j.at, clock_timestamp())
  from unnest(account_ids, job_ids, job_enqueue.told, job_enqueue.at) j (account_id, id, told, at)
  where j.at is not null;
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

-- Takes due jobs. One whose hold is no longer live, or that was asked to stop while its worker
-- put it back, is left for the sweeper to end.
create or replace function job_claim(worker text, kinds text[], n integer, lease_ms integer)
returns setof jobs language sql as $$
  with due as (
    select account_id, id from jobs j
    where state = 'queued' and run_at <= clock_timestamp() and deadline > clock_timestamp()
      and kind = any (kinds) and cancel_requested_at is null
      and (not metered or exists (select 1 from holds h
        where h.account_id = j.account_id and h.id = j.id and h.state = 'held'))
    order by priority desc, run_at, account_id, id
    limit n
    for update skip locked
  ),
  claimed as (
    update jobs j set state = 'running', attempt = j.attempt + 1, token = j.token + 1,
      leased_by = worker, lease_until = clock_timestamp() + lease_ms * interval '1 ms',
      started_at = coalesce(j.started_at, clock_timestamp()), event_seq = j.event_seq + 1
    from due where j.account_id = due.account_id and j.id = due.id
    returning j.*
  ),
  told as (
    insert into job_events (account_id, job_id, seq, type, data)
    select account_id, id, event_seq, 'running', jsonb_build_object('attempt', attempt) from claimed
  )
  select * from claimed
$$;

-- Renews the leases that are still held by these tokens.
create or replace function job_heartbeat(p jsonb, lease_ms integer)
returns table (account_id text, job_id text, cancel_requested boolean) language sql as $$
  update jobs j set lease_until = clock_timestamp() + lease_ms * interval '1 ms'
  from jsonb_to_recordset(p) l (account text, job text, token bigint)
  where j.account_id = l.account and j.id = l.job and j.token = l.token and j.state = 'running'
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
  update jobs set handle = p->'handle' where account_id = job.account_id and id = job.id;
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
    handle = case when (p->>'keep_handle')::boolean then handle end
  where account_id = job.account_id and id = job.id;
  if p->'usage' is not null and p->'usage' <> 'null' then
    perform usage_record(job, p->'usage', 0,
      (select ledger_clock(a) from accounts a where a.id = job.account_id));
  end if;
  perform job_tell(job, 'retrying', jsonb_build_object(
    'attempt', job.attempt, 'error', p->'error', 'run_at', p->'run_at'));
  return true;
end $$;

create or replace function job_hand_back(p jsonb) returns boolean language plpgsql as $$
declare
  job jobs;
begin
  select * into job from job_own(p);
  if not found then return false; end if;
  update jobs set state = 'queued', run_at = clock_timestamp(), lease_until = null,
    leased_by = null, attempt = attempt - 1
  where account_id = job.account_id and id = job.id;
  perform job_tell(job, 'handed_back', '{}');
  return true;
end $$;

-- Requeues jobs whose worker went silent. The new claim's token fences the old worker off.
create or replace function job_requeue_lost(n integer)
returns table (account_id text, job_id text) language sql as $$
  with lost as (
    select j.account_id, j.id from jobs j
    where state = 'running' and lease_until < clock_timestamp() and cancel_requested_at is null
    order by lease_until limit n
    for update skip locked
  ),
  requeued as (
    update jobs j set state = 'queued', run_at = clock_timestamp(), lease_until = null,
      leased_by = null, event_seq = j.event_seq + 1
    from lost where j.account_id = lost.account_id and j.id = lost.id
    returning j.*
  ),
  told as (
    insert into job_events (account_id, job_id, seq, type, data)
    select r.account_id, r.id, r.event_seq, 'lease_lost', jsonb_build_object('attempt', r.attempt)
    from requeued r
  )
  select r.account_id, r.id from requeued r
$$;

-- Open jobs that nobody will finish: past their deadline, or canceled with no worker left.
create or replace function job_overdue(n integer)
returns table (account_id text, job_id text, reason text) language sql as $$
  select j.account_id, j.id, case when deadline <= clock_timestamp() then 'deadline' else 'canceled' end
  from jobs j
  where state in ('queued', 'running') and (
    deadline <= clock_timestamp()
    or (cancel_requested_at is not null and (lease_until is null or lease_until < clock_timestamp())))
  order by deadline limit n
$$;
