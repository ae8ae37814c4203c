-- The bounds of the window an instant falls in, in the account's time zone.
create or replace function limit_window(size text, moment timestamptz, zone text)
returns tstzrange language sql stable as $$
  select case size
    when 'total' then tstzrange('-infinity', 'infinity')
    when 'minute' then tstzrange(date_trunc('minute', moment), date_trunc('minute', moment) + interval '1 minute')
    when 'hour' then tstzrange(date_trunc('hour', moment), date_trunc('hour', moment) + interval '1 hour')
    else tstzrange(
      date_trunc(size, moment, zone),
      (date_trunc(size, moment at time zone zone) + ('1 ' || size)::interval) at time zone zone)
  end
$$;

-- Every rule that counts for a call, with what its window has used and what the call needs. An
-- organisation's own rule replaces the default of the same scope, measure and window; one for
-- a single member or key replaces that.
create or replace function limit_check(
  account accounts, subject jsonb, needs jsonb, defaults limit_rule[], at timestamptz
) returns limit_state[] language plpgsql stable as $$
declare
  rule record;
  name text;
  place integer;
  opened tstzrange;
  names text[] := '{}';
  ranks integer[] := '{}';
  state limit_state;
  states limit_state[] := '{}';
begin
  for rule in
    select r.rank, r.scope, subject->>r.scope as scope_id, r.measure, r."window", r.max,
      (needs->>r.measure)::bigint as needed, c.window_start, c.window_end, c.held, c.used
    from (
      select case o.scope_id when '*' then 1 else 2 end as rank,
        o.scope, o.scope_id, o.measure, o."window", o.max
      from limit_rules o
      where o.account_id = account.id and o.on_exceed = 'refuse'
      union all
      select 0, d.scope, d.scope_id, d.measure, d."window", d.max from unnest(defaults) d
    ) r
    -- Each by its whole key, which offset 0 makes sure of: an account with many members has many.
    left join lateral (
      select k.window_start, k.window_end, k.held, k.used from counters k
      where k.account_id = account.id and k.scope = r.scope and k.scope_id = subject->>r.scope
        and k.measure = r.measure and k."window" = r."window"
      offset 0
    ) c on true
    where r.scope_id in ('*', subject->>r.scope)
  loop
    continue when rule.scope_id is null or rule.needed is null or rule.needed <= 0;
    name := rule.scope || rule.measure || rule."window";
    place := array_position(names, name);
    continue when ranks[place] >= rule.rank;

    state.scope := rule.scope;
    state.scope_id := rule.scope_id;
    state.measure := rule.measure;
    state."window" := rule."window";
    state.max := rule.max;
    state.needed := rule.needed;
    if rule.window_end > at then
      state.window_start := rule.window_start;
      state.window_end := rule.window_end;
      state.held := rule.held;
      state.used := rule.used;
    else
      opened := limit_window(rule."window", at, account.timezone);
      state.window_start := lower(opened);
      state.window_end := upper(opened);
      state.held := 0;
      state.used := 0;
    end if;
    place := coalesce(place, cardinality(names) + 1);
    names[place] := name;
    ranks[place] := rule.rank;
    states[place] := state;
  end loop;
  return states;
end $$;

-- Sets credits aside for one job. A refusal writes nothing. Where patience is wanted it waits for
-- the account; else one that somebody else has locked is answered as busy.
create or replace function ledger_hold(
  r start_request, patient boolean, out held_at timestamptz, out answer jsonb
) language plpgsql as $$
declare
  account accounts;
  known record;
  states limit_state[];
  state limit_state;
  over limit_state;
  pins jsonb := '[]';
  piece record;
  part bigint;
  missing bigint := r.amount_micro;
  slices jsonb := '[]';
  has_due boolean := false;
begin
  if patient then
    select * into account from accounts where id = r.account_id for update;
    if not found then
      raise exception 'no account %', r.account_id using errcode = 'DG001';
    end if;
  else
    select * into account from accounts where id = r.account_id for update skip locked;
    if not found then
      answer := '{"outcome": "busy"}';
      return;
    end if;
  end if;

  if r.idempotency_key is not null then
    select k.request_hash, k.generation_id, g.job_id into known
    from idempotency_keys k
    join generations g on g.account_id = k.account_id and g.id = k.generation_id
    where k.account_id = account.id and k.key = r.idempotency_key;
    if found then
      answer := jsonb_build_object('generation', known.generation_id, 'job', known.job_id,
        'outcome', case when known.request_hash = r.request_hash then 'exists' else 'conflict' end);
      return;
    end if;
  end if;
  if account.state = 'closed' then
    answer := ledger_refuse('account_closed', '{}');
    return;
  end if;
  if account.overdraft_micro > 0 then
    answer := ledger_refuse('account_in_debt',
      jsonb_build_object('overdraft', account.overdraft_micro::text));
    return;
  end if;

  held_at := ledger_clock(account);
  states := limit_check(account, r.subject, r.needs, r.limits, held_at);
  foreach state in array states loop
    -- The one that clears last is told, so that waiting for it is enough.
    if state.held + state.used + state.needed > state.max
      and (over is null or state.window_end > over.window_end) then
      over := state;
    end if;
    if state.measure <> 'requests' then
      pins := pins || jsonb_build_array(jsonb_build_array(state.scope, state.scope_id,
        state.measure, state."window", state.window_start, state.needed));
    end if;
  end loop;
  if over is not null then
    answer := ledger_refuse('limit_exceeded', to_jsonb(over) || jsonb_build_object('at', held_at,
      'max', over.max::text, 'used', over.used::text, 'held', over.held::text,
      'needed', over.needed::text));
    return;
  end if;

  for piece in
    select g.id, g.remaining_micro, g.expires_at, g.restricted_to from grants g
    where g.account_id = account.id and g.live
    order by g.priority, g.expires_at nulls last, g.id
  loop
    if piece.expires_at <= held_at then
      has_due := true;
      continue;
    end if;
    continue when missing = 0;
    if piece.restricted_to is not null then
      continue when (piece.restricted_to->'models' ? r.model
        or piece.restricted_to->'kinds' ? r.kind) is not true;
    end if;
    part := least(missing, piece.remaining_micro);
    missing := missing - part;
    slices := slices || jsonb_build_array(jsonb_build_array(piece.id, part));
  end loop;
  if missing > 0 then
    answer := ledger_refuse('insufficient_credits', jsonb_build_object(
      'needed', r.amount_micro::text, 'available', (r.amount_micro - missing)::text,
      'held', account.held_micro::text));
    return;
  end if;

  if has_due then
    perform ledger_save(ledger_expire_due(account, held_at, 'due'));
  end if;
  update accounts set available_micro = available_micro - r.amount_micro,
    held_micro = held_micro + r.amount_micro
  where id = account.id;

  insert into counters
    (account_id, scope, scope_id, measure, "window", window_start, window_end, max, held, used)
  select account.id, n.scope, n.scope_id, n.measure, n."window", n.window_start, n.window_end, n.max,
    n.held + case n.measure when 'requests' then 0 else n.needed end,
    n.used + case n.measure when 'requests' then n.needed else 0 end
  from unnest(states) n
  on conflict on constraint counters_pkey do update set window_start = excluded.window_start,
    window_end = excluded.window_end, max = excluded.max, held = excluded.held, used = excluded.used;

  for n in 0 .. jsonb_array_length(slices) - 1 loop
    part := slices->n->>1;
    update grants set remaining_micro = remaining_micro - part, held_micro = held_micro + part
    where account_id = account.id and id = slices->n->>0;
  end loop;

  -- Of a job that costs nothing as well: its counters wait for the outcome, too.
  insert into holds (account_id, id, amount_micro, slices, counters, price_pins, created_at,
    expires_at)
  values (account.id, r.job_id, r.amount_micro, slices, pins, r.price_pins, held_at,
    r.hold_expires_at);
  if r.idempotency_key is not null then
    insert into idempotency_keys (account_id, key, request_hash, generation_id, created_at)
    values (account.id, r.idempotency_key, r.request_hash, r.generation_id, held_at);
  end if;
end $$;

create or replace function ledger_refuse(reason text, facts jsonb) returns jsonb
language sql immutable as $$
  select jsonb_build_object('outcome', 'refused', 'refusal', facts || jsonb_build_object('type', reason))
$$;
