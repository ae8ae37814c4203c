-- Holds for work that their caller meters. They compose the ledger's own verbs: no job is part of it.

--   p: account, id, amount, expires_in (s), subject{}, needs{}, limits[], description, metadata{},
--      idempotency_key, request_hash
create or replace function direct_hold_open(p jsonb) returns jsonb language plpgsql as $$
declare
  r hold_request;
  known record;
  held record;
begin
  perform 1 from accounts where id = p->>'account' for update;
  if not found then
    raise exception 'no account %', p->>'account' using errcode = 'DG001';
  end if;
  if p->'subject'->>'key' is not null and not exists (
    select 1 from api_keys k
    where k.id = p->'subject'->>'key' and k.org_id = p->>'account' and k.revoked_at is null
  ) then
    return ledger_refuse('key_revoked', '{}');
  end if;
  if p->>'idempotency_key' is not null then
    -- One key names one thing of an organisation, whatever it was used for.
    select d.id, d.request_hash = p->>'request_hash' as same into known from direct_holds d
    where d.account_id = p->>'account' and d.idempotency_key = p->>'idempotency_key'
    union all
    select k.generation_id, false from idempotency_keys k
    where k.account_id = p->>'account' and k.key = p->>'idempotency_key';
    if found then
      return jsonb_build_object('hold', known.id,
        'outcome', case when known.same then 'exists' else 'conflict' end);
    end if;
  end if;

  r.account_id := p->>'account';
  r.job_id := p->>'id';
  r.amount_micro := p->>'amount';
  r.subject := p->'subject';
  r.needs := p->'needs';
  r.limits := array(select l from jsonb_populate_recordset(null::limit_rule, p->'limits') l);
  r.price_pins := '{}';
  r.hold_expires_at := clock_timestamp() + (p->>'expires_in')::integer * interval '1 second';
  held := ledger_hold(r, true);
  if held.answer is not null then
    return held.answer;
  end if;
  insert into direct_holds (account_id, id, description, metadata, key_id, user_id, idempotency_key,
    request_hash, created_at, due)
  values (r.account_id, r.job_id, p->>'description', p->'metadata', p->'subject'->>'key',
    p->'subject'->>'user', p->>'idempotency_key', p->>'request_hash', held.held_at, r.hold_expires_at);
  return jsonb_build_object('outcome', 'held', 'hold', r.job_id);
end $$;

-- Ends a hold as its caller says, or as its time does. Whoever comes second is told how it ended.
--   p: account, hold, state ('settled'|'released'|'expired'), cost, actor
create or replace function direct_hold_resolve(p jsonb) returns jsonb language plpgsql as $$
declare
  hold holds;
  about direct_holds;
  wanted text := p->>'state';
  late boolean;
begin
  select * into hold from holds where account_id = p->>'account' and id = p->>'hold' for update;
  select * into about from direct_holds d where d.account_id = hold.account_id and d.id = hold.id;
  if not found then
    return '{"outcome": "missing"}';
  end if;
  if hold.state <> 'held' then
    return jsonb_build_object('outcome', 'resolved', 'state', hold.state);
  end if;
  late := hold.expires_at <= clock_timestamp();
  if wanted = 'expired' and not late then
    return '{"outcome": "open"}';
  end if;
  if wanted = 'settled' and not late and (p->>'cost')::bigint > hold.amount_micro then
    return jsonb_build_object('outcome', 'too_much', 'held', hold.amount_micro::text);
  end if;

  -- What comes back to an expired grant expires: nobody but the caller let the time pass.
  perform ledger_resolve(jsonb_build_object('account', hold.account_id, 'hold', hold.id,
    'state', case when late then 'expired' else wanted end, 'cost', p->'cost',
    'actor', case when late then 'system:sweeper' else p->>'actor' end));
  update direct_holds d set due = null where d.account_id = hold.account_id and d.id = hold.id;
  select * into hold from holds where account_id = hold.account_id and id = hold.id;
  if hold.state = 'settled' then
    insert into usage_events (account_id, job_id, attempt, job_created_at, user_id, key_id, provider,
      model, kind, status, units, vendor_cost_micro_usd, price_micro, duration_ms, created_at)
    values (hold.account_id, hold.id, 1, hold.created_at, about.user_id, about.key_id, 'own',
      'own/work', 'work', 'succeeded', '{}', 0, hold.cost_micro,
      (extract(epoch from hold.resolved_at - hold.created_at) * 1000)::bigint, hold.resolved_at);
  end if;
  return jsonb_build_object('outcome', case when late and wanted <> 'expired' then 'resolved' else 'now' end,
    'state', hold.state);
end $$;
