-- Jobs whose caller has named other models to ask, in order, should one not deliver. A start with one
-- model knows nothing of it. What is still to ask stands in the job's payload:
--   models[]; fallbacks[{ model, provider, tries, measures{} }]; before: the attempts of those that are done

-- Takes a job to the next model, with its hold: what was set aside covers the dearest. An attempt
-- that came to nothing is recorded, and what it costs is ours. Answers the outcome 'moved', 'refused'
-- with why, 'stale', or 'short' as generation_start does. Lock order as ever: job, hold, account, counters, lanes.
--   p: account, job, token, from, to, rest[], skipped[], error, usage, loss, limits[]
-- Without a worker (`from` is the provider it waits for, and `idle`) only one that nobody has begun at
-- its provider.
create or replace function generation_fall_back(p jsonb) returns jsonb language plpgsql as $$
declare
  next jsonb := p->'to';
  job jobs;
  hold holds;
  was generations;
  refusal jsonb;
begin
  select * into job from jobs j where j.account_id = p->>'account' and j.id = p->>'job' for update;
  if job.token is distinct from (p->>'token')::bigint or job.cancel_requested_at is not null
    or job.deadline <= clock_timestamp()
    or not (case when (p->>'idle')::boolean then job.state = 'queued' and job.handle is null
      and not job.in_doubt and job.gate is null else job.state = 'running' end)
  then
    return jsonb_build_object('outcome', 'stale');
  end if;
  select * into hold from holds h where h.account_id = job.account_id and h.id = job.id for update;
  if hold.state <> 'held' then return jsonb_build_object('outcome', 'stale'); end if;
  select * into was from generations g where g.account_id = job.account_id and g.job_id = job.id;
  refusal := ledger_repin(hold,
    jsonb_build_object('provider', was.provider, 'model', was.model, 'kind', was.kind),
    next || jsonb_build_object('kind', was.kind), next->'measures',
    array(select l from jsonb_populate_recordset(null::limit_rule, p->'limits') l));
  if refusal->>'type' = 'short' then
    return jsonb_build_object('outcome', 'short', 'leases', refusal->'leases');
  end if;
  if refusal is not null then
    return jsonb_build_object('outcome', 'refused', 'refusal', refusal);
  end if;

  insert into losses (account_id, job_id, attempt, kind, price_micro, vendor_cost_micro_usd, assumed,
    created_at)
  select job.account_id, job.id, job.attempt, l.kind, l.price, l.vendor_cost, l.assumed, ledger_clock(a)
  from jsonb_to_record(nullif(p->'loss', 'null')) l (kind text, price bigint, vendor_cost bigint,
    assumed boolean)
  join accounts a on a.id = job.account_id
  where l.kind is not null;
  if job.state = 'running' then
    perform job_retry(jsonb_build_object('account', job.account_id, 'job', job.id, 'token', job.token,
      'run_at', clock_timestamp(), 'error', p->'error', 'usage', p->'usage'));
  end if;
  update generations g set model = next->>'model', provider = next->>'provider'
  where g.account_id = job.account_id and g.job_id = job.id;
  perform job_fall_back(job, next->>'provider', (next->>'tries')::integer, p->'rest',
    jsonb_strip_nulls(jsonb_build_object('from', was.model, 'to', next->'model',
      'skipped', nullif(p->'skipped', '[]'), 'error', nullif(p->'error', 'null'))));
  return jsonb_build_object('outcome', 'moved');
end $$;

-- Puts a job in the line of another provider, with tries of its own. The caller holds its lock.
create or replace function job_fall_back(
  job jobs, provider text, tries integer, rest jsonb, told jsonb
) returns void language plpgsql as $$
begin
  update jobs j set provider = job_fall_back.provider, run_at = clock_timestamp(),
    max_attempts = j.attempt + tries, attempt_began_at = null, task_token = null,
    payload = j.payload || jsonb_build_object('fallbacks', rest, 'before', j.attempt)
  where j.account_id = job.account_id and j.id = job.id;
  perform job_tell(job, 'fell_back', told);
  perform lane_enter(array[job.account_id], array[job.kind], array[job_fall_back.provider],
    array[clock_timestamp()]);
end $$;

-- Jobs that wait for a provider and have another to ask, that nobody has begun there.
create or replace function job_fallbacks_waiting(providers text[], n integer)
returns table (account_id text, job_id text, token bigint, model text, payload jsonb) language sql
stable as $$
  select j.account_id, j.id, j.token, g.model, j.payload
  from lanes l
  join jobs j on j.account_id = l.account_id and j.kind = l.kind and j.provider = l.provider
  join generations g on g.account_id = j.account_id and g.job_id = j.id
  where l.provider = any (providers) and l.kind = 'generation' and j.state = 'queued'
    and j.handle is null and not j.in_doubt and j.gate is null and j.cancel_requested_at is null
    and jsonb_array_length(j.payload->'fallbacks') > 0
  limit n
$$;
