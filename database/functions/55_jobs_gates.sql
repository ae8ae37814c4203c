-- Jobs that stand in line for room under a limit. Nobody is handed them: they are due at their deadline.

-- Of jobs that were just enqueued, lets those wait whose hold was remarked so.
create or replace function job_wait(account_ids text[], job_ids text[], remarks jsonb[]) returns void
language sql as $$
  with waiting as (
    update jobs j set gate = w.gate->>'gate', gate_until = (w.gate->>'until')::timestamptz,
      run_at = j.deadline, event_seq = j.event_seq + 1
    from (select account_id, id, remark->'gate' as gate
      from unnest(account_ids, job_ids, remarks) n (account_id, id, remark)) w
    where w.gate is not null and j.account_id = w.account_id and j.id = w.id
    returning j.account_id, j.id, j.event_seq, w.gate
  )
  insert into job_events (account_id, job_id, seq, type, data)
  select account_id, id, event_seq, 'waiting', jsonb_build_object('scope', gate->'scope',
    'scope_id', gate->'scope_id', 'measure', gate->'measure', 'window', gate->'window',
    'until', gate->'until')
  from waiting
$$;

-- The first in line at a gate, locked.
create or replace function job_in_line(account text, gate text, n integer) returns setof jobs
language sql as $$
  select * from jobs j
  where j.account_id = account and j.gate = job_in_line.gate and j.gate is not null
    and state = 'queued'
  order by j.id limit n
  for update skip locked
$$;

-- Lets a job go that its gate has room for. The caller holds its lock.
create or replace function job_admit(job jobs) returns void language plpgsql as $$
begin
  update jobs set gate = null, gate_until = null, run_at = clock_timestamp(), task_token = null
  where account_id = job.account_id and id = job.id;
  perform job_tell(job, 'admitted', '{}');
  perform lane_enter(array[job.account_id], array[job.kind], array[job.provider],
    array[clock_timestamp()]);
end $$;
