-- The bounds of the window an instant falls in, in the account's time zone.
create or replace function limit_window(size text, moment timestamptz, zone text)
returns tstzrange language sql stable as $$
  select case size
    when 'total' then tstzrange('-infinity', 'infinity')
    when 'minute' then tstzrange(date_trunc('minute', moment), date_trunc('minute', moment) + interval '1 minute')
    when 'hour' then tstzrange(date_trunc('hour', moment, zone), date_trunc('hour', moment, zone) + interval '1 hour')
    else tstzrange(
      date_trunc(size, moment, zone),
      (date_trunc(size, moment at time zone zone) + ('1 ' || size)::interval) at time zone zone)
  end
$$;

-- Every rule that counts for a call, with its counter as the last call left it. An organisation's
-- own rule replaces the default of the same scope, measure and window; one for a single member or
-- key replaces that.
create or replace function limits_of(
  account_id text, subject jsonb, needs jsonb, "set" integer, defaults limit_rule[]
) returns setof limit_state language sql stable as $$
  select c.ctid, limits_of.account_id, n.scope, n.scope_id, n.measure, n."window", c.window_start,
    c.window_end, n.max, n.needed, c.held, c.used, n.on_exceed, coalesce(c.waiting, 0)
  from (
    select distinct on (r.scope, r.measure, r."window") r.scope, subject->>r.scope as scope_id,
      r.measure, r."window", r.max, (needs->>r.measure)::bigint as needed, r.on_exceed
    from (
      select o.scope, o.scope_id, o.measure, o."window", o.max,
        case o.scope_id when '*' then 1 else 2 end as rank, o.on_exceed
      from limit_rules o
      where o.account_id = limits_of.account_id
      union all
      select d.scope, '*', d.measure, d."window", d.max, 0, d.on_exceed
      from unnest(defaults) d where d."set" = limits_of."set"
    ) r
    where subject->>r.scope is not null and r.scope_id in ('*', subject->>r.scope)
      and (needs->>r.measure)::bigint > 0
    order by r.scope, r.measure, r."window", r.rank desc
  ) n
  -- Each by its whole key, which offset 0 makes sure of: an account with many members has many.
  left join lateral (
    select k.ctid, k.window_start, k.window_end, k.held, k.used, k.waiting from counters k
    where k.account_id = limits_of.account_id and k.scope = n.scope and k.scope_id = n.scope_id
      and k.measure = n.measure and k."window" = n."window"
    offset 0
  ) c on true
$$;

-- A counter in the window that is open now: empty when the one it counted in is over.
create or replace function limit_opened(state limit_state, at timestamptz, zone text)
returns limit_state language plpgsql stable as $$
declare
  opened tstzrange;
begin
  if state.window_end > at then
    return state;
  end if;
  opened := limit_window(state."window", at, zone);
  state.window_start := lower(opened);
  state.window_end := upper(opened);
  state.held := 0;
  state.used := 0;
  return state;
end $$;

-- When what comes now may have room: after what waits already, as much in a window as fits.
create or replace function limit_clears(state limit_state, zone text) returns timestamptz
language sql stable as $$
  select case when state."window" <> 'total' then (state.window_end at time zone zone
    + (state.waiting + state.needed - 1) / state.max * ('1 ' || state."window")::interval)
    at time zone zone end
$$;

-- The counter that a job stands in line at.
create or replace function limit_gate(scope text, scope_id text, measure text, "window" text)
returns text language sql immutable as $$
  select concat_ws(':', measure, "window", scope, scope_id)
$$;

-- A limit that is reached, with its numbers.
create or replace function limit_facts(state limit_state, at timestamptz) returns jsonb
language sql stable as $$
  select to_jsonb(state) - '{place,account_id,on_exceed,waiting}'::text[] || jsonb_build_object(
    'at', at, 'max', state.max::text, 'used', state.used::text, 'held', state.held::text,
    'needed', state.needed::text)
$$;

-- Sets credits aside for jobs. Reads what all calls need to know, judges one after the other as
-- if each came alone, and writes for all of them at once: a statement costs more to begin than
-- to write a row. Of each answers either when it was held or why not; a refusal writes nothing.
--
-- An account that somebody else has locked is waited for where patience is wanted, which only
-- calls for one account may want; else its calls are answered as busy. So nobody ever waits for
-- one account while having another.
--
-- Where all but what the account has leased of a budget would do, the answer is 'short', with those
-- leases as they are: whoever asks leases more and asks again (37_budgets.sql).
--
-- Rooms: what each rule of requests in a window had left before the call, five words a rule: scope,
-- window, limit, left and the seconds until the window ends. Remarks, where there are any: what a call
-- that passed would have been refused for, and the gate that its job is to wait at.
drop function if exists ledger_hold_each(starts, boolean);
create function ledger_hold_each(
  r starts, patient boolean, out held_at timestamptz[], out answers jsonb[], out rooms text[],
  out remarks jsonb[]
) language plpgsql as $$
declare
  calls integer[] := array[cardinality(r.account_id)];
  locked text[];
  call record;
  -- Of the account at hand: what the calls before this one have left.
  account_id text;
  account_held bigint;
  at timestamptz;
  keys text[];
  pool grants[];
  before integer;
  -- Of the call at hand.
  earlier bigint;
  state limit_state;
  states limit_state[];
  spot integer;
  spots integer[];
  over limit_state;
  observed jsonb;
  gates jsonb;
  gate jsonb;
  clears timestamptz;
  piece grants;
  part bigint;
  parts bigint[];
  missing bigint;
  has_due boolean;
  has_budgets boolean := exists (select from budgets);
  leased record;
  short jsonb;
  -- Of all calls, to be written.
  counted limit_state[] := '{}';
  written integer;
  pins jsonb[] := array_fill('[]'::jsonb, calls);
  slices jsonb[] := array_fill('[]'::jsonb, calls);
  waits jsonb[];
  drawn bigint[] := '{}';
  drawn_for text[] := '{}';
  drawn_from text[] := '{}';
  has_keys boolean := false;
begin
  if patient then
    perform from accounts a where a.id = any (r.account_id) for update;
    if not found then
      raise exception 'no account %', r.account_id[1] using errcode = 'DG001';
    end if;
  end if;
  locked := array(
    select a.id from accounts a where a.id = any (r.account_id) for update skip locked);
  answers := array_fill('{"outcome": "busy"}'::jsonb, calls);
  held_at := array_fill(null::timestamptz, calls);
  rooms := array_fill(null::text, calls);

  -- What there is to know of each. A statement of its own: it sees what was written before the
  -- locks were had. It names them, as those below do, so that a plan which was made while the
  -- tables were empty still reads no other accounts.
  for call in
    select c.n, c.account_id, c.model, c.kind, c.amount, c.idempotency_key, c.request_hash,
      c.deadline,
      a.state, a.overdraft_micro, a.held_micro, a.timezone, a.last_entry_at, a.clock_offset,
      k.generation_id as known_id, k.job_id as known_job, k.request_hash as known_hash,
      c.subject->>'key' is null or (select k.org_id from api_keys k
        where k.id = c.subject->>'key' and k.revoked_at is null) is not distinct from c.account_id
        as has_key,
      array(select l from limits_of(c.account_id, c.subject, c.needs, c.limits, r.default_limits) l)
        as limits,
      array(select g from grants g where g.account_id = c.account_id and g.live
        order by g.priority, g.expires_at nulls last, g.id) as pool
    from unnest(r.account_id, r.model, r.kind, r.amount_micro, r.subject, r.needs, r.limits,
      r.idempotency_key, r.request_hash, r.deadline) with ordinality c (account_id, model, kind,
        amount, subject, needs, limits, idempotency_key, request_hash, deadline, n)
    join accounts a on a.id = c.account_id
    left join lateral (
      select i.generation_id, i.request_hash, (select g.job_id from generations g
        where g.account_id = i.account_id and g.id = i.generation_id)
      from idempotency_keys i
      where i.account_id = c.account_id and i.key = c.idempotency_key
      union all
      -- One key names one thing of an organisation: that of a direct hold is taken.
      select d.id, null, null from direct_holds d
      where d.account_id = c.account_id and d.idempotency_key = c.idempotency_key
      offset 0
    ) k on true
    where a.id = any (locked)
    order by c.account_id, c.n
  loop
    if call.account_id is distinct from account_id then
      account_id := call.account_id;
      account_held := call.held_micro;
      at := greatest(clock_timestamp() + call.clock_offset, call.last_entry_at);
      pool := call.pool;
      keys := array_fill(null::text, calls);
      before := cardinality(counted);
    end if;
    -- Was it asked before, may it be asked?
    if call.idempotency_key = any (keys) then
      earlier := array_position(keys, call.idempotency_key);
      call.known_id := r.generation_id[earlier];
      call.known_job := r.job_id[earlier];
      call.known_hash := r.request_hash[earlier];
    end if;
    answers[call.n] := case
      when not call.has_key then ledger_refuse('key_revoked', '{}')
      when call.known_id is not null then jsonb_build_object(
        'outcome', case when call.known_hash = call.request_hash then 'exists' else 'conflict' end,
        'generation', call.known_id, 'job', call.known_job)
      when call.state = 'closed' then ledger_refuse('account_closed', '{}')
      when call.overdraft_micro > 0 then ledger_refuse('account_in_debt',
        jsonb_build_object('overdraft', call.overdraft_micro::text))
    end;
    continue when answers[call.n] is not null;

    -- Is there room under each limit?
    states := '{}';
    spots := '{}';
    over := null;
    observed := null;
    gates := null;
    foreach state in array call.limits loop
      -- Where an earlier call has counted, what that one left.
      spot := null;
      for i in before + 1 .. cardinality(counted) loop
        if counted[i].scope = state.scope and counted[i].measure = state.measure
          and counted[i]."window" = state."window" and counted[i].scope_id = state.scope_id then
          state.window_start := counted[i].window_start;
          state.window_end := counted[i].window_end;
          state.held := counted[i].held;
          state.used := counted[i].used;
          state.waiting := counted[i].waiting;
          spot := i;
        end if;
      end loop;
      if state.window_end > at is not true then
        state := limit_opened(state, at, call.timezone);
      end if;
      if state.held + state.used + state.waiting + state.needed > state.max then
        if state.on_exceed = 'observe' then
          observed := coalesce(observed, '[]') || jsonb_build_array(limit_facts(state, at));
        elsif state.on_exceed = 'queue' and state.needed <= state.max
          and call.deadline > clock_timestamp() + coalesce(limit_clears(state, call.timezone) - at, '0') then
          -- It waits, and counts where it will go on. Where it waits at several, at the last.
          clears := limit_clears(state, call.timezone);
          if gates is null or clears > (gate->>'until')::timestamptz then
            gate := limit_facts(state, at) || jsonb_build_object('until', clears,
              'gate', limit_gate(state.scope, state.scope_id, state.measure, state."window"));
          end if;
          gates := coalesce(gates, '[]') || jsonb_build_array(jsonb_build_array(state.scope,
            state.scope_id, state.measure, state."window", state.needed));
          state.waiting := state.waiting + state.needed;
          states := states || state;
          spots := spots || spot;
          continue;
        -- The one that clears last is told, so that waiting for it is enough.
        elsif over.scope is null or state.window_end > over.window_end then
          over := state;
        end if;
      end if;
      if state.measure = 'requests' then
        if state."window" <> 'total' then
          rooms[call.n] := concat_ws(' ', rooms[call.n], state.scope, state."window", state.max,
            state.max - state.used, ceil(date_part('epoch', state.window_end - at)));
        end if;
        state.used := state.used + state.needed;
      else
        state.held := state.held + state.needed;
        pins[call.n] := pins[call.n] || jsonb_build_array(jsonb_build_array(state.scope,
          state.scope_id, state.measure, state."window", state.window_start, state.needed));
      end if;
      states := states || state;
      spots := spots || spot;
    end loop;
    if over.scope is not null then
      answers[call.n] := ledger_refuse('limit_exceeded', limit_facts(over, at));
      continue;
    end if;

    -- Is there credit for it?
    missing := call.amount;
    parts := '{}';
    has_due := false;
    foreach piece in array pool loop
      part := 0;
      if piece.expires_at <= at then
        has_due := true;
      elsif piece.restricted_to is null or (piece.restricted_to->'models' ? call.model
        or piece.restricted_to->'kinds' ? call.kind) is true then
        part := least(missing, piece.remaining_micro);
        missing := missing - part;
      end if;
      parts := parts || part;
    end loop;
    if missing > 0 then
      answers[call.n] := ledger_refuse('insufficient_credits', jsonb_build_object(
        'needed', call.amount::text, 'available', (call.amount - missing)::text,
        'held', account_held::text));
      continue;
    end if;

    -- Is there room in what its account has leased of budgets over all? Last of all, so that nothing
    -- is leased for what is refused. Test accounts are no part of them.
    if has_budgets and account_id not like 'tst\_%' then
      short := null;
      for leased in select * from leases_of(account_id, r.subject[call.n], r.needs[call.n],
        clock_timestamp(), counted, before)
      loop
        state := leased.lease;
        if state.held + state.used + state.needed > state.max then
          short := coalesce(short, '[]') || jsonb_build_array(limit_facts(state, at));
        end if;
        if state.measure = 'requests' then
          state.used := state.used + state.needed;
        else
          state.held := state.held + state.needed;
          pins[call.n] := pins[call.n] || jsonb_build_array(jsonb_build_array(state.scope,
            state.scope_id, state.measure, state."window", state.window_start, state.needed));
        end if;
        states := states || state;
        spots := spots || leased.spot;
      end loop;
      if short is not null then
        answers[call.n] := jsonb_build_object('outcome', 'short', 'leases', short);
        continue;
      end if;
    end if;

    -- It passes. What it takes is gone for the calls after it.
    if has_due then
      perform ledger_save(ledger_expire_due(a, at, 'due')) from accounts a where a.id = account_id;
    end if;
    for i in 1 .. cardinality(pool) loop
      continue when parts[i] = 0;
      pool[i].remaining_micro := pool[i].remaining_micro - parts[i];
      slices[call.n] := slices[call.n] || jsonb_build_array(jsonb_build_array(pool[i].id, parts[i]));
      drawn := drawn || parts[i];
      drawn_for := drawn_for || account_id;
      drawn_from := drawn_from || pool[i].id;
    end loop;
    account_held := account_held + call.amount;
    if cardinality(counted) = before then
      counted := counted || states;
    else
      for i in 1 .. cardinality(states) loop
        counted[coalesce(spots[i], cardinality(counted) + 1)] := states[i];
      end loop;
    end if;
    if call.idempotency_key is not null then
      keys[call.n] := call.idempotency_key;
      has_keys := true;
    end if;
    if observed is not null or gates is not null then
      remarks := coalesce(remarks, array_fill(null::jsonb, calls));
      remarks[call.n] := jsonb_build_object('observed', observed, 'gate', gate);
      if gates is null then
        remarks[call.n] := remarks[call.n] - 'gate';
      else
        waits := coalesce(waits, array_fill(null::jsonb, calls));
        waits[call.n] := gates;
      end if;
    end if;
    held_at[call.n] := at;
  end loop;

  -- For all that passed.
  update accounts a set available_micro = a.available_micro - h.amount,
    held_micro = a.held_micro + h.amount
  from (
    select c.account_id, sum(c.amount) as amount
    from unnest(r.account_id, r.amount_micro, held_at) c (account_id, amount, at)
    where c.at is not null group by c.account_id
  ) h
  where a.id = h.account_id and a.id = any (locked);

  -- By their place, which nobody can change while their account is locked.
  update counters c set window_start = s.window_start, window_end = s.window_end, max = s.max,
    held = s.held, used = s.used, waiting = s.waiting
  from unnest(counted) s
  where c.ctid = s.place;
  get diagnostics written = row_count;
  if written < cardinality(counted) then
    insert into counters
      (account_id, scope, scope_id, measure, "window", window_start, window_end, max, held, used,
        waiting)
    select s.account_id, s.scope, s.scope_id, s.measure, s."window", s.window_start, s.window_end,
      s.max, s.held, s.used, s.waiting
    from unnest(counted) s
    where s.place is null;
  end if;

  update grants g set remaining_micro = g.remaining_micro - d.part,
    held_micro = g.held_micro + d.part
  from (
    select d.account_id, d.id, sum(d.part) as part
    from unnest(drawn_for, drawn_from, drawn) d (account_id, id, part) group by 1, 2
  ) d
  where g.account_id = d.account_id and g.id = d.id and g.account_id = any (locked);

  -- Of a job that costs nothing as well: its counters wait for the outcome, too.
  insert into holds (account_id, id, amount_micro, slices, counters, price_pins, created_at,
    expires_at, gates)
  select c.account_id, c.id, c.amount, c.slices, c.pins, c.price_pins, c.at, c.expires_at, c.gates
  from unnest(r.account_id, r.job_id, r.amount_micro, slices, pins, r.price_pins, held_at,
    r.hold_expires_at, waits)
    c (account_id, id, amount, slices, pins, price_pins, at, expires_at, gates)
  where c.at is not null;
  if has_keys then
    insert into idempotency_keys (account_id, key, request_hash, generation_id, created_at)
    select c.account_id, c.key, c.request_hash, c.generation_id, c.at
    from unnest(r.account_id, r.idempotency_key, r.request_hash, r.generation_id, held_at)
      c (account_id, key, request_hash, generation_id, at)
    where c.at is not null and c.key is not null;
  end if;
end $$;

create or replace function ledger_refuse(reason text, facts jsonb) returns jsonb
language sql immutable as $$
  select jsonb_build_object('outcome', 'refused', 'refusal', facts || jsonb_build_object('type', reason))
$$;
