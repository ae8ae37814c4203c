-- The jobs table as an outbox: which waiting jobs are owed a task, and who saw to it.

-- Takes jobs that are owed a task: those that wait and had none for this waiting, and those whose
-- task has not come. They are marked before the task is made, as no call over a network is made
-- with a row locked: where it cannot be made they are put back, and where its maker dies they are
-- owed again a minute after they were due, then after two, four and so on.
create or replace function job_take_owed(n integer)
returns table (account_id text, job_id text, token bigint, run_at timestamptz, traceparent text)
language sql as $$
  with fresh as (
    select j.account_id, j.id from jobs j
    where leased_by is null and state in ('queued', 'running') and task_token is distinct from token
      and j.run_at < clock_timestamp() + interval '1 hour' and deadline > clock_timestamp()
      and (state = 'running' or cancel_requested_at is null)
    order by j.run_at limit n
    for update skip locked
  ),
  missed as (
    select j.account_id, j.id from jobs j
    where leased_by is null and state in ('queued', 'running') and task_token = token
      and task_due <= clock_timestamp() and deadline > clock_timestamp()
      and (state = 'running' or cancel_requested_at is null)
    order by task_due limit n
    for update skip locked
  )
  update jobs j set task_token = j.token,
    task_count = case j.task_token when j.token then least(j.task_count + 1, 7) else 1 end,
    task_due = greatest(j.run_at, clock_timestamp()) + interval '1 minute'
      * case j.task_token when j.token then 2 ^ j.task_count else 1 end
  from (select * from fresh union all select * from missed limit n) o
  where j.account_id = o.account_id and j.id = o.id
  returning j.account_id, j.id, j.token, j.run_at, j.traceparent
$$;

-- Puts back what was taken and got no task. `p: [{ account, job, token }]`
create or replace function job_put_back_owed(p jsonb) returns void language sql as $$
  update jobs j set task_token = null
  from jsonb_to_recordset(p) t (account text, job text, token bigint)
  where j.account_id = t.account and j.id = t.job and j.token = t.token and j.task_token = t.token
$$;
