-- One job at a time, for whoever was told which: claimed by its name, and parked while its vendor
-- works on it. A parked job runs, but nobody has it: no worker's name stands on it.

-- Whether somebody could be given the job now, but for its time and what kinds they know.
create or replace function job_waits(j jobs) returns boolean language sql stable as $$
  select (j.state = 'queued' and j.cancel_requested_at is null
      or j.state = 'running' and j.leased_by is null)
    and j.deadline > clock_timestamp()
    and (j.start_by > clock_timestamp() or j.start_by is null or j.started_at is not null)
    and (not j.metered or exists (select 1 from holds h
      where h.account_id = j.account_id and h.id = j.id and h.state = 'held'))
$$;

-- Takes this job, if it waits and is due, and if one more may run: see job_claim for the limits. A
-- parked one goes on with the same attempt, and may have been asked to stop: whoever takes it tells
-- the vendor.
drop function if exists job_claim_one(text, text, text, text[], integer);
create or replace function job_claim_one(
  account text, job_id text, worker text, kinds text[], lease_ms integer, limits jsonb
) returns setof jobs language plpgsql as $$
declare
  job jobs;
  taken jobs;
  is_limited boolean := coalesce(limits->'kinds' <> '{}' or limits->'accounts' <> '{}'
    or limits->'providers' <> '{}', false);
begin
  if is_limited then perform pg_advisory_xact_lock(7340219005); end if;
  select * into job from jobs j
  where j.account_id = account and j.id = job_id and j.kind = any (kinds)
    and j.run_at <= clock_timestamp() and job_waits(j)
  for update;
  if not found then return; end if;
  -- A parked one has its room already.
  if job.state = 'queued' then
    if limits->'unavailable' ? job.provider then return; end if;
    if is_limited and lane_room(
        row(job.account_id, job.kind, job.provider, null, null, null)::lanes, limits,
        job_rooms(limits)) < 1 then
      return;
    end if;
  end if;
  update jobs j set state = 'running', token = j.token + 1, leased_by = worker,
    attempt = j.attempt + case job.state when 'queued' then 1 else 0 end,
    lease_until = clock_timestamp() + lease_ms * interval '1 ms',
    started_at = coalesce(j.started_at, clock_timestamp())
  where j.account_id = job.account_id and j.id = job.id
  returning * into taken;
  if job.state = 'queued' then
    perform job_tell(taken, 'running', jsonb_build_object('attempt', taken.attempt));
  end if;
  return next taken;
end $$;

-- How a job stands, for whoever could not take it. Nobody gets one that is barred any more.
create or replace function job_standing(account text, job text)
returns table (state text, kind text, leased boolean, run_at timestamptz, due boolean, barred boolean)
language sql as $$
  select j.state::text, j.kind, j.state = 'running' and j.leased_by is not null, j.run_at,
    j.run_at <= clock_timestamp(), not job_waits(j)
  from jobs j where j.account_id = account and j.id = job
$$;

-- Lets go of a job that its vendor works on, until it is time to ask. The token moves on, so that
-- its worker cannot write any more, and the lease outlives the time by as long as a task may be
-- late: after it the job counts as lost. One that was asked to stop meanwhile is due at once.
--   p: account, job, token, handle, run_at, began_at
create or replace function job_park(p jsonb) returns boolean language plpgsql as $$
declare
  job jobs;
  due timestamptz;
begin
  select * into job from job_own(p);
  if not found then return false; end if;
  due := case when job.cancel_requested_at is null then (p->>'run_at')::timestamptz
    else clock_timestamp() end;
  update jobs set token = token + 1, leased_by = null, run_at = due,
    lease_until = greatest(due, clock_timestamp()) + interval '15 minutes', handle = p->'handle', in_doubt = false,
    attempt_began_at = (p->>'began_at')::timestamptz
  where account_id = job.account_id and id = job.id;
  if job.handle is distinct from p->'handle' then perform job_tell(job, 'submitted', '{}'); end if;
  return true;
end $$;

-- Makes a parked job due, because it was asked to stop. Whoever is told has a while for it; then
-- it is ended without. The caller holds the job's lock.
create or replace function job_recall(job jobs) returns void language sql as $$
  update jobs set run_at = least(run_at, clock_timestamp()), task_due = clock_timestamp(),
    lease_until = clock_timestamp() + interval '30 seconds'
  where account_id = job.account_id and id = job.id and state = 'running' and leased_by is null
$$;
