-- Jobs that failed for good, done again.

-- Queues a plain dead letter anew, with all its tries and as much time as it had.
--   p: account, job, actor
create or replace function job_redrive(p jsonb) returns text language plpgsql as $$
declare
  job jobs;
begin
  select * into job from jobs j where j.account_id = p->>'account' and j.id = p->>'job'
    and not j.metered and j.state in ('failed', 'expired') for update;
  if not found then return 'missing'; end if;
  if exists (select from jobs j where j.account_id = job.account_id and j.kind = job.kind
    and j.dedupe_key = job.dedupe_key and j.state in ('queued', 'running')) then
    return 'duplicate';
  end if;
  update jobs set state = 'queued', attempt = 0, token = token + 1, run_at = clock_timestamp(),
    deadline = clock_timestamp() + (deadline - created_at), start_by = null, started_at = null,
    finished_at = null, leased_by = null, progress = 0, in_doubt = false,
    cancel_requested_at = null, cancel_actor = null
  where account_id = job.account_id and id = job.id;
  perform job_tell(job, 'redriven', jsonb_build_object('actor', p->>'actor'));
  perform lane_enter(array[job.account_id], array[job.kind], array[job.provider],
    array[clock_timestamp()]);
  return 'queued';
end $$;

-- Says of a dead letter with a price which job took its place.
--   p: account, job, by, actor
create or replace function job_replaced(p jsonb) returns boolean language plpgsql as $$
declare
  job jobs;
begin
  select * into job from jobs j where j.account_id = p->>'account' and j.id = p->>'job'
    and j.metered and j.state in ('failed', 'expired') and j.redriven_as is null for update;
  if not found then return false; end if;
  update jobs set redriven_as = p->>'by' where account_id = job.account_id and id = job.id;
  perform job_tell(job, 'redriven', jsonb_build_object('actor', p->>'actor', 'job', p->>'by'));
  return true;
end $$;
