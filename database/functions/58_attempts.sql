-- What is told of an attempt that nobody will end any more: it ran, or its vendor has it, and whether
-- the vendor bills for it is not known. So it is taken as billed at its upper, and marked as assumed.
-- Empty where no attempt is under way. Ask: { usage, loss } of generation_end.
create or replace function attempt_abandoned(job jobs, status text) returns jsonb
language sql stable as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'usage', jsonb_build_object('provider', g.provider, 'model', g.model, 'kind', g.kind,
      'status', status, 'error_class', case status when 'failed' then 'outcome_unknown' end,
      'units', '{}'::jsonb, 'vendor_cost', pin.upper,
      'duration_ms', (extract(epoch from clock_timestamp()
        - coalesce(job.attempt_began_at, job.started_at, job.created_at)) * 1000)::bigint),
    'loss', case when pin.upper > 0 then jsonb_build_object('kind', 'unknown',
      'price', h.amount_micro, 'vendor_cost', pin.upper, 'assumed', true) end))
  from generations g
  join holds h on h.account_id = g.account_id and h.id = g.job_id
  cross join lateral (
    select (h.price_pins->'candidates'->g.model->>'upper')::bigint as upper) pin
  where g.account_id = job.account_id and g.job_id = job.id and pin.upper is not null
    and (job.state = 'running' or job.handle is not null or job.in_doubt)
$$;

-- A result that came after its job was ended otherwise. Nobody pays for it: it is recorded at price 0,
-- and as a loss, less what was assumed to be lost when the job ended. What was recorded before, by
-- itself or as the work of another attempt, changes nothing. What was assumed may stand under another
-- attempt: one that found the job in doubt, and ended it for that.
--   p: account, job, token, attempt, cost, usage
create or replace function generation_late(p jsonb) returns boolean language plpgsql as $$
declare
  job jobs;
  assumed_price bigint;
  assumed_cost bigint;
  u jsonb := p->'usage';
  at timestamptz;
begin
  select * into job from jobs where account_id = p->>'account' and id = p->>'job' for update;
  if job.state is null or job.state in ('queued', 'running') or job.token = (p->>'token')::bigint
    or exists (select from usage_events e where e.account_id = job.account_id and e.job_id = job.id
      and ((e.attempt = (p->>'attempt')::integer and e.status = 'succeeded')
        or e.provider_request_id = u->>'provider_request_id'))
    or exists (select from losses l where l.account_id = job.account_id and l.job_id = job.id
      and l.attempt = (p->>'attempt')::integer and l.kind = 'late')
  then
    return false;
  end if;
  select ledger_clock(a) into at from accounts a where a.id = job.account_id;
  -- Of what was assumed, that which no late result has replaced yet: the first replaces all of it.
  select coalesce(sum(l.price_micro) filter (where l.kind = 'unknown'), 0),
    coalesce(sum(l.vendor_cost_micro_usd) filter (where l.kind = 'unknown'), 0)
  into assumed_price, assumed_cost
  from losses l where l.account_id = job.account_id and l.job_id = job.id
    and not exists (select from losses e where e.account_id = job.account_id and e.job_id = job.id
      and e.kind = 'late');
  insert into usage_events as e (account_id, job_id, attempt, job_created_at, user_id, key_id,
    end_user, provider, model, kind, status, error_class, units, vendor_cost_micro_usd, price_micro,
    duration_ms, provider_request_id, trace_id, created_at)
  select job.account_id, job.id, (p->>'attempt')::integer, job.created_at, g.user_id, g.key_id,
    g.end_user, u->>'provider', u->>'model', u->>'kind', u->>'status', u->>'error_class', u->'units',
    (u->>'vendor_cost')::bigint, 0, (u->>'duration_ms')::bigint, u->>'provider_request_id',
    split_part(job.traceparent, '-', 2), at
  from generations g where g.account_id = job.account_id and g.job_id = job.id
  on conflict (account_id, job_id, attempt, job_created_at) do update set status = excluded.status,
    error_class = excluded.error_class, units = excluded.units,
    vendor_cost_micro_usd = excluded.vendor_cost_micro_usd, duration_ms = excluded.duration_ms,
    provider_request_id = excluded.provider_request_id;
  insert into losses (account_id, job_id, attempt, kind, price_micro, vendor_cost_micro_usd, created_at)
  values (job.account_id, job.id, (p->>'attempt')::integer, 'late',
    (p->>'cost')::bigint - assumed_price,
    (u->>'vendor_cost')::bigint - assumed_cost, at);
  perform job_tell(job, 'late_result', '{}');
  return true;
end $$;
