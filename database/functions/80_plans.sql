-- When period n of a plan begins: n periods after the anchor, by the calendar and the clocks of the
-- zone. Counted from the anchor and not from the period before, so that the 31st is the 28th in
-- February and the 31st again in March. An hour that summer time skips is the one after it; of one
-- that comes twice, it is the second.
create or replace function plan_period_start(
  period text, anchor timestamptz, zone text, ordinal bigint
) returns timestamptz language sql stable as $$
  select case ordinal when 0 then anchor
    else (anchor at time zone zone + ordinal * ('1 ' || period)::interval) at time zone zone end
$$;

-- The period that an instant falls in. -1 before the first.
create or replace function plan_ordinal(
  period text, anchor timestamptz, zone text, at timestamptz
) returns bigint language plpgsql stable as $$
declare
  n bigint;
begin
  if at < anchor then
    return -1;
  end if;
  n := extract(epoch from at - anchor)::bigint
    / case period when 'day' then 86400 when 'week' then 604800 else 2629746 end;
  while plan_period_start(period, anchor, zone, n + 1) <= at loop
    n := n + 1;
  end loop;
  while n > 0 and plan_period_start(period, anchor, zone, n) > at loop
    n := n - 1;
  end loop;
  return n;
end $$;

-- The name of a period, the same for whoever asks, whenever: no local date is in it.
create or replace function plan_period_key(period text, anchor timestamptz, ordinal bigint)
returns text language sql stable as $$
  select period || ':' || to_char(anchor at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    || ':' || ordinal
$$;

-- What one period grants, in at most two parts, by when each expires.
--
-- What may be carried over is settled when it is granted and by expiry alone: nothing moves when a
-- period ends, so no hold can be in the way and a late run changes nothing. With at most n credits
-- carried over of c a period (n = m × c + r), the part of r lives m + 1 periods longer than its own
-- and the rest m longer. Drawing takes what expires first, so that at the end of each period
-- exactly least(n, what is left) lives on. docs/adr/0011-rollover-by-expiry.md has the proof.
--   limit: NULL carries all, 0 nothing.
create or replace function plan_parts(
  period text, anchor timestamptz, zone text, ordinal bigint, credits bigint, carried bigint
) returns table (part text, amount bigint, expires_at timestamptz) language sql stable as $$
  select '', credits, null::timestamptz where carried is null
  union all
  select '', credits - carried % credits,
    plan_period_start(period, anchor, zone, ordinal + 1 + carried / credits)
  where carried is not null
  union all
  select ':carried', carried % credits,
    plan_period_start(period, anchor, zone, ordinal + 2 + carried / credits)
  where carried % credits > 0
$$;

-- Grants what is due of an account's plan: each period that has begun and was not granted, once, in
-- order. Of periods that were missed, what would have expired by now is left out.
--   p: account, plan, name, period, credits, carried (null: all), kind, priority, at (null: now),
--      dry (true: only tells)
create or replace function plan_reset(p jsonb) returns jsonb language plpgsql as $$
declare
  account accounts;
  chosen account_plans;
  clock timestamptz;
  at timestamptz;
  first bigint;
  latest bigint;
  known boolean;
  key text;
  starts timestamptz;
  ends timestamptz;
  part record;
  dry boolean := coalesce((p->>'dry')::boolean, false);
  credits bigint := p->>'credits';
  carried bigint := p->>'carried';
  told jsonb := '[]';
begin
  -- Who only looks keeps nobody waiting.
  if dry then
    select * into account from accounts where id = p->>'account';
  else
    select * into account from accounts where id = p->>'account' for update;
  end if;
  if not found then
    raise exception 'no account %', p->>'account' using errcode = 'DG001';
  end if;
  select * into chosen from account_plans where account_id = account.id;
  if not found or chosen.plan <> p->>'plan' then
    return jsonb_build_object('outcome', 'no_plan');
  end if;
  if account.state = 'closed' then
    return jsonb_build_object('outcome', 'closed');
  end if;

  clock := ledger_clock(account);
  -- Only a look may look ahead: what is not due yet is never granted.
  at := coalesce((p->>'at')::timestamptz, clock);
  if not dry then
    at := least(at, clock);
    account := ledger_expire_due(account, clock, 'due');
  end if;
  latest := plan_ordinal(p->>'period', chosen.anchor, account.timezone, at);
  -- A plan that counts by other periods now goes on with the one it is in.
  first := case when chosen.period = p->>'period' then chosen.next_ordinal else greatest(latest, 0) end;

  for n in first .. latest loop
    key := plan_period_key(p->>'period', chosen.anchor, n);
    starts := plan_period_start(p->>'period', chosen.anchor, account.timezone, n);
    ends := plan_period_start(p->>'period', chosen.anchor, account.timezone, n + 1);
    known := exists (select 1 from grants g
      where g.account_id = account.id and g.source = 'plan' and g.source_ref in (key, key || ':carried'));
    for part in
      select * from plan_parts(p->>'period', chosen.anchor, account.timezone, n, credits, carried)
    loop
      told := told || jsonb_build_object('ordinal', n, 'starts_at', starts, 'ends_at', ends,
        'amount', part.amount::text, 'expires_at', part.expires_at,
        'outcome', case when known then 'exists'
          when part.expires_at <= greatest(at, clock) then 'over' else 'granted' end);
      continue when dry or known or part.expires_at <= clock;
      account := ledger_add_grant(account, jsonb_build_object(
        'id', plan_grant_id(account.id, key || part.part), 'kind', p->>'kind',
        'amount', part.amount, 'priority', p->>'priority', 'expires_at', part.expires_at,
        'source', 'plan', 'source_ref', key || part.part, 'actor', 'system:reset',
        'reason', format('%s, %s to %s%s', p->>'name',
          to_char(starts at time zone account.timezone, 'YYYY-MM-DD'),
          to_char(ends at time zone account.timezone, 'YYYY-MM-DD'),
          case part.part when '' then '' else ': the part that may be carried on' end)), clock);
    end loop;
  end loop;

  if not dry then
    if account.seq > (select a.seq from accounts a where a.id = account.id) then
      perform ledger_save(account);
    end if;
    update account_plans set period = p->>'period', next_ordinal = greatest(first, latest + 1),
      next_at = plan_period_start(p->>'period', chosen.anchor, account.timezone,
        greatest(first, latest + 1))
    where account_id = account.id
    returning * into chosen;
  end if;
  return jsonb_build_object('outcome', 'reset', 'at', at, 'grants', told, 'next_at', chosen.next_at);
end $$;

-- One period, one id: it needs no chance, and names the same grant for whoever looks.
create or replace function plan_grant_id(account_id text, ref text) returns text
language sql immutable as $$
  select 'gra_' || left(encode(sha256(convert_to(account_id || ' ' || ref, 'UTF8')), 'hex'), 26)
$$;

-- Puts an account on a plan, or on none. What was granted stays. Writes the choice down; the same
-- reference again changes nothing.
--
-- A free plan counts its periods from the day the account was opened, whatever came between, so that
-- leaving and coming back grants nothing that was granted. Another plan keeps the periods of the one
-- before it (its first credits come with the next reset), unless they are to begin anew.
--   p: account, plan (null: none), period, free, anchor (null: see above), restart, actor, reason,
--      reference
create or replace function plan_choose(p jsonb) returns jsonb language plpgsql as $$
declare
  account accounts;
  before account_plans;
  anchor timestamptz;
  at timestamptz;
  first bigint;
begin
  select * into account from accounts where id = p->>'account' for update;
  if not found then
    raise exception 'no account %', p->>'account' using errcode = 'DG001';
  end if;
  if exists (select 1 from plan_changes c
    where c.account_id = account.id and c.reference = p->>'reference') then
    return jsonb_build_object('outcome', 'exists');
  end if;
  select * into before from account_plans where account_id = account.id;
  at := ledger_clock(account);

  if p->>'plan' is null then
    if before.account_id is null then
      return jsonb_build_object('outcome', 'unchanged');
    end if;
    delete from account_plans where account_id = account.id;
  else
    -- In milliseconds, as whoever asks when the next one begins can tell them.
    anchor := date_trunc('milliseconds', case
      when (p->>'free')::boolean then account.created_at
      when p->>'anchor' is not null then (p->>'anchor')::timestamptz
      when before.account_id is not null and not before.free
        and not coalesce((p->>'restart')::boolean, false) then before.anchor
      else at end);
    if before.plan = p->>'plan' and before.anchor = anchor and before.period = p->>'period' then
      return jsonb_build_object('outcome', 'unchanged');
    end if;
    -- From the period it is in: nothing is paid for the time before.
    first := greatest(0, plan_ordinal(p->>'period', anchor, account.timezone, at));
    insert into account_plans (account_id, plan, free, period, anchor, next_ordinal, next_at)
    values (account.id, p->>'plan', (p->>'free')::boolean, p->>'period', anchor, first,
      plan_period_start(p->>'period', anchor, account.timezone, first))
    on conflict on constraint account_plans_pkey do update set plan = excluded.plan,
      free = excluded.free, period = excluded.period, anchor = excluded.anchor,
      next_ordinal = excluded.next_ordinal, next_at = excluded.next_at;
  end if;
  insert into plan_changes (account_id, reference, plan, anchor, actor, reason, created_at)
  values (account.id, p->>'reference', p->>'plan', anchor, p->>'actor', p->>'reason', at);
  return jsonb_build_object('outcome', 'changed');
end $$;
