-- Holds for work that their caller meters. They compose the ledger's own verbs: no job is part of it.

-- Opens holds of one moment, in one transaction for all. Of each answers NULL where it is held, or what
-- became of it instead; a refusal writes nothing. 'busy' is what is to be asked again: its account is somebody
-- else's for now, or its idempotency key another's of this call. Patience is for holds of one account only.
--   p: the columns of the type starts that a hold has, expires_in[] (s) and description[]
create or replace function direct_hold_open(p jsonb, patient boolean) returns jsonb
language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  r starts := jsonb_populate_record(null::starts, p);
  locked text[];
  answers jsonb[];
  taken integer[];
  calls starts;
  held record;
begin
  if patient then
    perform from accounts a where a.id = any (r.account_id) for update;
    if not found then
      raise exception 'no account %', r.account_id[1] using errcode = 'DG001';
    end if;
  end if;
  locked := array(
    select a.id from accounts a where a.id = any (r.account_id) for update skip locked);
  -- One key names one thing of an organisation, whatever it was used for.
  answers := array(
    select case
      when c.account_id <> all (locked) then '{"outcome": "busy"}'
      when c.subject->>'key' is not null and not exists (select from api_keys k
        where k.id = c.subject->>'key' and k.org_id = c.account_id and k.revoked_at is null)
        then ledger_refuse('key_revoked', '{}')
      when k.id is not null then jsonb_build_object('hold', k.id,
        'outcome', case when k.same then 'exists' else 'conflict' end)
      when c.key is not null and row_number() over (partition by c.account_id, c.key order by c.n) > 1
        then '{"outcome": "busy"}' end
    from unnest(r.account_id, r.subject, r.idempotency_key, r.request_hash)
      with ordinality c (account_id, subject, key, hash, n)
    left join lateral (
      select d.id, d.request_hash = c.hash as same from direct_holds d
      where d.account_id = c.account_id and d.idempotency_key = c.key
      union all
      select i.generation_id, false from idempotency_keys i
      where i.account_id = c.account_id and i.key = c.key
      limit 1
    ) k on c.key is not null
    order by c.n);

  select array_agg(c.n order by c.n), array_agg(c.account_id order by c.n),
    array_agg(c.id order by c.n), array_agg(c.subject order by c.n),
    array_agg(c.amount order by c.n), array_agg(c.needs order by c.n),
    array_agg(c.limits order by c.n), array_agg('{}'::jsonb),
    array_agg(clock_timestamp() + c.expires_in::integer * interval '1 second' order by c.n)
  into taken, calls.account_id, calls.job_id, calls.subject, calls.amount_micro, calls.needs,
    calls.limits, calls.price_pins, calls.hold_expires_at
  from rows from (
    unnest(r.account_id, r.job_id, r.subject, r.amount_micro, r.needs, r.limits, answers),
    jsonb_array_elements_text(p->'expires_in')
  ) with ordinality c (account_id, id, subject, amount, needs, limits, answer, expires_in, n)
  where c.answer is null;
  if taken is null then
    return to_jsonb(answers);
  end if;
  calls.default_limits := r.default_limits;
  held := ledger_hold_each(calls, false);
  insert into direct_holds (account_id, id, description, metadata, key_id, user_id, idempotency_key,
    request_hash, created_at, due)
  select c.account_id, c.id, p->'description'->>(c.n - 1), r.metadata[c.n], c.subject->>'key',
    c.subject->>'user', r.idempotency_key[c.n], r.request_hash[c.n], c.at, c.due
  from unnest(taken, calls.account_id, calls.job_id, calls.subject, held.held_at, calls.hold_expires_at)
    c (n, account_id, id, subject, at, due)
  where c.at is not null;
  for i in 1 .. cardinality(taken) loop
    answers[taken[i]] := held.answers[i];
  end loop;
  return to_jsonb(answers);
end $$;

-- Ends holds as their callers say, or as their time does. Whoever comes second is told how it ended.
-- 'busy' is what is to be asked again, as in 40_ledger_resolve.sql. Patience is for holds of one account only.
--   p: the columns of the type direct_ends: state ('settled'|'released'|'expired') is how it is to end
create or replace function direct_hold_resolve(p jsonb, patient boolean) returns jsonb
language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  r direct_ends := jsonb_populate_record(null::direct_ends, p);
  calls integer[] := array[cardinality(r.account_id)];
  states text[] := array_fill(null::text, calls);
  answers text[] := array_fill('missing'::text, calls);
  created timestamptz[] := array_fill(null::timestamptz, calls);
  call record;
  m record;
begin
  -- What is looked at here never changes, but for the state, which is looked at again when it is locked.
  for call in
    select c.n, c.state as asked, c.cost, h.state, h.amount_micro, h.created_at,
      h.expires_at <= clock_timestamp() as is_late,
      exists (select from direct_holds d where d.account_id = c.account_id and d.id = c.id) as is_direct
    from unnest(r.account_id, r.hold_id, r.state, r.cost_micro) with ordinality
      c (account_id, id, state, cost, n)
    join holds h on h.account_id = c.account_id and h.id = c.id
  loop
    answers[call.n] := case
      when not call.is_direct then 'missing'
      when call.state <> 'held' or call.is_late then null
      when call.asked = 'expired' then 'open'
      when call.asked = 'settled' and call.cost > call.amount_micro then 'too_much' end;
    created[call.n] := call.created_at;
    continue when answers[call.n] is not null;
    -- What comes back to an expired grant expires: nobody but the caller let the time pass.
    states[call.n] := case when call.state = 'held' and call.is_late then 'expired' else call.asked end;
    if states[call.n] <> call.asked then r.actor[call.n] := 'system:sweeper'; end if;
  end loop;
  m := ledger_resolve(r.account_id, r.hold_id, states, r.cost_micro, null,
    array_fill(false, calls), r.actor, patient);

  with ended as (
    update direct_holds d set due = null
    from unnest(r.account_id, r.hold_id, states, m.charged, created, m.at)
      e (account_id, id, state, charged_micro, created_at, at)
    where e.at is not null and d.account_id = e.account_id and d.id = e.id
    returning d.user_id, d.key_id, e.*
  )
  insert into usage_events (account_id, job_id, attempt, job_created_at, user_id, key_id, provider,
    model, kind, status, units, vendor_cost_micro_usd, price_micro, duration_ms, created_at)
  select e.account_id, e.id, 1, e.created_at, e.user_id, e.key_id, 'own', 'own/work',
    'work', 'succeeded', '{}', 0, e.charged_micro,
    (extract(epoch from e.at - e.created_at) * 1000)::bigint, e.at
  from ended e where e.state = 'settled';
  return (
    select jsonb_agg(case
      when a.answer = 'too_much' then jsonb_build_object('outcome', 'too_much', 'held', (
        select h.amount_micro::text from holds h where h.account_id = a.account_id and h.id = a.id))
      when a.answer is not null or a.outcome not in ('now', 'resolved')
        then jsonb_build_object('outcome', coalesce(a.answer, a.outcome))
      else jsonb_build_object('state', a.ended,
        'outcome', case when a.ended = a.asked then a.outcome else 'resolved' end) end order by a.n)
    from unnest(answers, m.outcomes, m.ended, r.account_id, r.hold_id, r.state) with ordinality
      a (answer, outcome, ended, account_id, id, asked, n));
end $$;
