-- Budgets over all accounts. A call asks for room in what its account has leased; where that is too
-- little, more is leased in transactions of their own: first the budget gives, with nobody's account
-- locked, then the account takes. What is between the two is in leases_under_way, and is nobody's to
-- use: so all accounts together never have more than the budget, whenever a process dies.

-- Budgets that count a call, with what its account has leased of each in the window that is open, as
-- the calls before it have left that. Without a lease, or with one of a window that is over, it has
-- nothing. Spot: where among the counted an earlier call has counted.
create or replace function leases_of(
  account_id text, subject jsonb, needs jsonb, at timestamptz, counted limit_state[], before integer
) returns table (lease limit_state, spot integer) language sql stable as $$
  select row(c.place, leases_of.account_id, 'platform', b.id, b.measure, b."window", c.window_start,
    coalesce(c.window_end, leases_of.at), coalesce(c.max, 0), n.needed, coalesce(c.held, 0),
    coalesce(c.used, 0), b.on_exceed, 0)::limit_state, c.spot
  from budgets b
  cross join lateral (select (leases_of.needs->>b.measure)::bigint as needed) n
  left join lateral (
    select k.ctid as place, k.window_start, k.window_end, k.max, coalesce(e.held, k.held) as held,
      coalesce(e.used, k.used) as used, e.spot
    from counters k
    left join lateral (
      select u.held, u.used, u.spot::integer
      from unnest(counted) with ordinality u (place, account_id, scope, scope_id, measure, "window",
        window_start, window_end, max, needed, held, used, on_exceed, waiting, spot)
      where u.spot > before and u.scope = 'platform' and u.scope_id = b.id and u.measure = b.measure
        and u."window" = b."window"
    ) e on true
    where k.account_id = leases_of.account_id and k.scope = 'platform' and k.scope_id = b.id
      and k.measure = b.measure and k."window" = b."window" and k.window_end > leases_of.at
    offset 0
  ) c on true
  where b.id in ('all', 'provider:' || (subject->>'provider'), 'model:' || (subject->>'model'))
    and b.removed_at is null and n.needed > 0
  order by b.id, b.measure, b."window"
$$;

-- Leases for calls that had too little, one after the other as if each came alone. Of each answers
-- 'leased', or why not: then nothing was leased for it. What a call lacks is given, and more to an
-- account that has used much: as much again as it has, within a hundredth of the budget and a sixteenth
-- of what is left.
--   p: [{ account, again, leases: [limit_facts of what the account has] }]. Again: it was short after a
--      lease, so what it had is not believed to be left.
create or replace function budget_lease(p jsonb) returns jsonb language plpgsql as $$
declare
  at timestamptz;
  call record;
  want record;
  over budgets;
  over_needed bigint;
  -- By account and budget: what it will have left after the calls before.
  spare jsonb := '{}';
  observed jsonb;
  answers jsonb := '[]';
begin
  perform from budgets b
  where (b.id, b.measure, b."window") in (
    select l->>'scope_id', l->>'measure', l->>'window'
    from jsonb_array_elements(p) c, jsonb_array_elements(c->'leases') l)
  order by b.id, b.measure, b."window" for update;
  at := clock_timestamp();
  update budgets b set window_start = greatest(lower(w.bounds), b.window_end),
    window_end = upper(w.bounds), leased = 0, most = b.max, is_exceeded = false
  from (
    select limit_window(o."window", at, o.timezone) as bounds, o.id, o.measure, o."window" from budgets o
  ) w
  where b.id = w.id and b.measure = w.measure and b."window" = w."window" and b.window_end <= at
    and (b.id, b.measure, b."window") in (
      select l->>'scope_id', l->>'measure', l->>'window'
      from jsonb_array_elements(p) c, jsonb_array_elements(c->'leases') l);

  for call in select c.ask->>'account' as account, (c.ask->>'again')::boolean as again,
      c.ask->'leases' as leases
    from jsonb_array_elements(p) with ordinality c (ask, n) order by c.n
  loop
    over := null;
    observed := null;
    for want in select * from budget_wants(call.account, call.leases, call.again, spare) loop
      continue when want.lacking <= want.max - want.leased;
      update budgets b set is_exceeded = true
      where b.id = want.id and b.measure = want.measure and b."window" = want."window"
        and not b.is_exceeded;
      if want.on_exceed = 'observe' then
        observed := coalesce(observed, '[]') || budget_facts(want.budget, want.needed, at);
      -- The one that clears last is told, so that waiting for it is enough.
      elsif over.id is null or want.window_end > over.window_end then
        over := want.budget;
        over_needed := want.needed;
      end if;
    end loop;
    if over.id is not null then
      answers := answers || ledger_refuse('limit_exceeded', budget_facts(over, over_needed, at));
      continue;
    end if;

    for want in select * from budget_wants(call.account, call.leases, call.again, spare) loop
      spare := jsonb_set(spare, array[want.name], to_jsonb(want.spare + want.slice - want.needed));
      continue when want.slice = 0;
      update budgets b set leased = b.leased + want.slice,
        most = case b.on_exceed when 'observe' then greatest(b.most, b.leased + want.slice) else b.most end
      where b.id = want.id and b.measure = want.measure and b."window" = want."window";
      insert into leases_under_way
        (account_id, budget_id, measure, "window", window_start, window_end, amount, goes)
      values (call.account, want.id, want.measure, want."window", want.window_start, want.window_end,
        want.slice, 'to_account');
    end loop;
    answers := answers || jsonb_build_object('outcome', 'leased', 'observed', observed);
  end loop;
  return answers;
end $$;

-- What a call lacks of budgets that are locked and open, and the slice of each that it would be given.
create or replace function budget_wants(account text, leases jsonb, again boolean, spare jsonb)
returns table (budget budgets, id text, measure text, "window" text, window_start timestamptz,
  window_end timestamptz, max bigint, leased bigint, on_exceed text, name text, needed bigint,
  spare bigint, lacking bigint, slice bigint)
language sql stable as $$
  select b, b.id, b.measure, b."window", b.window_start, b.window_end, b.max, b.leased, b.on_exceed,
    l.name, l.needed, l.spare, l.lacking,
    case when l.lacking = 0 then 0 else greatest(l.lacking,
      least(b.max / 100, (b.max - b.leased) / 16, l.taken + l.needed)) end
  from (
    select x.*, greatest(x.needed - x.spare, 0) as lacking
    from (
      select o->>'scope_id' as id, o->>'measure' as measure, o->>'window' as "window", n.name,
        (o->>'needed')::bigint as needed, (o->>'max')::bigint as taken,
        coalesce((budget_wants.spare->>n.name)::bigint, case when budget_wants.again then 0
          else (o->>'max')::bigint - (o->>'held')::bigint - (o->>'used')::bigint end) as spare
      from jsonb_array_elements(leases) o
      cross join lateral (select concat_ws(' ', account, o->>'measure', o->>'window',
        o->>'scope_id') as name) n
    ) x
  ) l
  join budgets b on b.id = l.id and b.measure = l.measure and b."window" = l."window"
  order by b.id, b.measure, b."window"
$$;

-- A budget without room, as limit_facts tells a limit. What is leased counts as used.
create or replace function budget_facts(budget budgets, needed bigint, at timestamptz) returns jsonb
language sql stable as $$
  select jsonb_build_object('scope', 'platform', 'scope_id', budget.id, 'measure', budget.measure,
    'window', budget."window", 'window_start', budget.window_start, 'window_end', budget.window_end,
    'max', budget.max::text, 'used', budget.leased::text, 'held', '0', 'needed', needed::text, 'at', at)
$$;

-- Gives an account what was leased to it. What is of a window before that of its counter is nobody's
-- any more: the budget has begun anew since.
create or replace function budget_arrive(account text) returns void language plpgsql as $$
begin
  perform from accounts a where a.id = account for update;
  with arrived as (
    delete from leases_under_way u where u.account_id = account and u.goes = 'to_account'
    returning u.*
  )
  insert into counters as c (account_id, scope, scope_id, measure, "window", window_start, window_end,
    max, held, used)
  select distinct on (u.budget_id, u.measure, u."window") account, 'platform', u.budget_id, u.measure,
    u."window", u.window_start, u.window_end, sum(u.amount), 0, 0
  from arrived u
  group by u.budget_id, u.measure, u."window", u.window_start, u.window_end
  order by u.budget_id, u.measure, u."window", u.window_start desc
  on conflict (account_id, scope, scope_id, measure, "window") do update set
    max = excluded.max + case c.window_start when excluded.window_start then c.max else 0 end,
    held = case c.window_start when excluded.window_start then c.held else 0 end,
    used = case c.window_start when excluded.window_start then c.used else 0 end,
    window_start = excluded.window_start, window_end = excluded.window_end
  where c.window_start <= excluded.window_start;
end $$;

-- Accounts that have more of a budget than they use, and have begun nothing for so long; and those that
-- something has been under way to for as long, because whoever leased it is gone.
--   p: quiet_seconds, n, budget { id, measure, window } for leases of that one alone
create or replace function budget_idle(p jsonb) returns setof text language sql stable as $$
  with quiet as (select clock_timestamp() - (p->>'quiet_seconds')::numeric * interval '1 second' as since)
  select distinct x.account_id from (
    select c.account_id from budgets b
    join counters c on c.scope = 'platform' and c.scope_id = b.id and c.measure = b.measure
      and c."window" = b."window" and c.window_start = b.window_start
    cross join quiet q
    where c.max > c.held + c.used and b.window_end > clock_timestamp()
      and (p->'budget' is null or p->'budget' = jsonb_build_object(
        'id', b.id, 'measure', b.measure, 'window', b."window"))
      and not exists (select from generations g
        where g.account_id = c.account_id and g.created_at > q.since)
      and not exists (select from direct_holds d
        where d.account_id = c.account_id and d.created_at > q.since)
    union all
    select u.account_id from leases_under_way u cross join quiet q
    where u.goes = 'to_account' and u.created_at <= q.since
  ) x limit (p->>'n')::integer
$$;

-- Takes from an account what it has and does not use. It is nobody's until its budget has it back.
--   p: account, budget as in budget_idle
create or replace function budget_give_back(p jsonb) returns void language plpgsql as $$
begin
  perform budget_arrive(p->>'account');
  with idle as materialized (
    select k.ctid as place, k.scope_id, k.measure, k."window", k.window_start, k.window_end,
      k.max - k.held - k.used as amount
    from counters k
    where k.account_id = p->>'account' and k.scope = 'platform' and k.max > k.held + k.used
      and k.window_end > clock_timestamp()
      and (p->'budget' is null or p->'budget' = jsonb_build_object(
        'id', k.scope_id, 'measure', k.measure, 'window', k."window"))
  ),
  lowered as (
    update counters c set max = c.max - i.amount from idle i where c.ctid = i.place
  )
  insert into leases_under_way
    (account_id, budget_id, measure, "window", window_start, window_end, amount, goes)
  select p->>'account', i.scope_id, i.measure, i."window", i.window_start, i.window_end, i.amount,
    'to_budget'
  from idle i;
end $$;

-- Gives budgets what accounts have given back. Answers how many leases that were.
create or replace function budget_take_back() returns integer language plpgsql as $$
declare
  budget budgets;
  of_one integer;
  taken integer := 0;
begin
  for budget in
    select b.* from budgets b
    where exists (select from leases_under_way u where u.goes = 'to_budget' and u.budget_id = b.id
      and u.measure = b.measure and u."window" = b."window")
    order by b.id, b.measure, b."window" for update
  loop
    with back as (
      delete from leases_under_way u where u.goes = 'to_budget' and u.budget_id = budget.id
        and u.measure = budget.measure and u."window" = budget."window"
      returning u.window_start, u.amount
    ),
    given as (
      update budgets b set leased = b.leased - s.amount
      from (select x.window_start, sum(x.amount) as amount from back x group by 1) s
      where b.id = budget.id and b.measure = budget.measure and b."window" = budget."window"
        and b.window_start = s.window_start
    )
    select count(*) into of_one from back;
    taken := taken + of_one;
  end loop;
  return taken;
end $$;

-- Writes an operator's budget, or takes it away; then that of the configuration holds again, if there is
-- one. Answers whether there was one to take away.
--   p: id, measure, window, max, on_exceed, timezone, actor, remove, configured { max, on_exceed } or null
create or replace function budget_write(p jsonb) returns boolean language plpgsql as $$
begin
  if (p->>'remove')::boolean then
    update budgets b set source = case when c.max is null then b.source else 'configuration' end,
      max = coalesce(c.max, b.max), on_exceed = coalesce(c.on_exceed, b.on_exceed),
      most = greatest(b.most, coalesce(c.max, 0), b.leased), is_exceeded = false,
      changed_by = p->>'actor', changed_at = clock_timestamp(),
      removed_at = case when c.max is null then clock_timestamp() end
    from jsonb_to_record(coalesce(nullif(p->'configured', 'null'), '{}')) c (max bigint, on_exceed text)
    where b.id = p->>'id' and b.measure = p->>'measure' and b."window" = p->>'window'
      and b.source = 'operator' and b.removed_at is null;
    return found;
  end if;
  insert into budgets as b
    (id, measure, "window", max, most, on_exceed, source, timezone, changed_by)
  values (p->>'id', p->>'measure', p->>'window', (p->>'max')::bigint, (p->>'max')::bigint,
    p->>'on_exceed', 'operator', p->>'timezone', p->>'actor')
  on conflict (id, measure, "window") do update set
    max = excluded.max, most = greatest(b.most, excluded.max, b.leased), on_exceed = excluded.on_exceed,
    source = 'operator', timezone = excluded.timezone, is_exceeded = false, changed_by = excluded.changed_by,
    changed_at = clock_timestamp(), removed_at = null;
  return true;
end $$;

-- Makes the configuration's budgets those that it has now, and all of its zone. What else an operator has
-- set stays.
--   p: [{ id, measure, window, max, on_exceed }]
create or replace function budget_configure(p jsonb, zone text) returns void language plpgsql as $$
begin
  perform from budgets b order by b.id, b.measure, b."window" for update;
  update budgets b set timezone = zone where b.timezone <> zone;
  update budgets b set removed_at = clock_timestamp()
  where b.source = 'configuration' and b.removed_at is null and not exists (
    select from jsonb_array_elements(p) c where c->>'id' = b.id and c->>'measure' = b.measure
      and c->>'window' = b."window");
  insert into budgets as b (id, measure, "window", max, most, on_exceed, source, timezone)
  select c->>'id', c->>'measure', c->>'window', (c->>'max')::bigint, (c->>'max')::bigint,
    c->>'on_exceed', 'configuration', zone
  from jsonb_array_elements(p) c
  on conflict (id, measure, "window") do update set
    max = excluded.max, most = greatest(b.most, excluded.max, b.leased), on_exceed = excluded.on_exceed,
    source = 'configuration', changed_by = null, changed_at = clock_timestamp(), removed_at = null
  where b.removed_at is not null or b.source = 'configuration'
    and (b.max, b.on_exceed) is distinct from (excluded.max, excluded.on_exceed);
end $$;

-- Every budget that holds, with what accounts have used and hold of its window.
create or replace view budget_states as
  select b.id, b.measure, b."window", b.max, b.on_exceed, b.source, b.changed_by, b.changed_at,
    b.window_start, b.window_end,
    case when o.open then b.leased else 0 end as leased, coalesce(c.used, 0)::bigint as used,
    coalesce(c.held, 0)::bigint as held, coalesce(c.accounts, 0) as accounts,
    o.open and b.is_exceeded as is_exceeded, o.open
  from budgets b
  cross join lateral (select b.window_end > clock_timestamp() as open) o
  left join lateral (
    select sum(k.used) as used, sum(k.held) as held, count(*) as accounts from counters k
    where o.open and k.scope = 'platform' and k.scope_id = b.id and k.measure = b.measure
      and k."window" = b."window" and k.window_start = b.window_start
  ) c on true
  where b.removed_at is null;
