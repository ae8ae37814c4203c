-- Another provider takes over what a hold is for.

-- Counts a hold for another provider and model instead: where their rules have room, and its credits
-- may pay for them. The caller holds its lock; the account is locked here. Answers NULL, or why not, and
-- then nothing is written. 'short', with leases: as generation_start says it.
--   was, next: { provider, model, kind }; needs: what it counts for, by measure
create or replace function ledger_repin(
  hold holds, was jsonb, next jsonb, needs jsonb, defaults limit_rule[]
) returns jsonb language plpgsql as $$
declare
  account accounts;
  at timestamptz;
  -- Of a provider that stays the same the counters stay as they are.
  moved text[] := array(select s from unnest(array['provider', 'model']) s
    where was->>s is distinct from next->>s);
  -- The same of budgets over all accounts.
  budgets_left text[] := array(select s || ':' || (was->>s) from unnest(moved) s);
  subject jsonb := (select jsonb_object_agg(s, next->s) from unnest(moved) s);
  wanted jsonb := needs
    || jsonb_build_object('requests', 1, 'concurrency', 1, 'credits', hold.amount_micro);
  state limit_state;
  states limit_state[] := '{}';
  pins jsonb := '[]';
  short jsonb;
begin
  select * into account from accounts a where a.id = hold.account_id for update;
  at := ledger_clock(account);
  if exists (
    select from jsonb_array_elements(hold.slices) s
    join grants g on g.account_id = hold.account_id and g.id = s->>0
    where g.restricted_to is not null and (g.restricted_to->'models' ? (next->>'model')
      or g.restricted_to->'kinds' ? (next->>'kind')) is not true
  ) then
    return jsonb_build_object('type', 'credits_restricted');
  end if;

  for state in
    select * from limits_of(account.id, subject, wanted, 0, defaults)
    union all
    select (l.lease).* from leases_of(account.id, subject, wanted, clock_timestamp(), '{}', 0) l
    where (l.lease).scope_id <> 'all' and account.id not like 'tst\_%'
  loop
    if state.scope = 'platform' then
      if state.held + state.used + state.needed > state.max then
        short := coalesce(short, '[]') || jsonb_build_array(limit_facts(state, at));
      end if;
    elsif state.window_end > at is not true then
      state := limit_opened(state, at, account.timezone);
    end if;
    -- Nobody is let wait for a second choice.
    if state.held + state.used + state.waiting + state.needed > state.max
      and state.on_exceed <> 'observe' and state.scope <> 'platform' then
      return jsonb_build_object('type', 'limit_exceeded') || limit_facts(state, at);
    end if;
    if state.measure = 'requests' then
      state.used := state.used + state.needed;
    else
      state.held := state.held + state.needed;
      pins := pins || jsonb_build_array(jsonb_build_array(state.scope, state.scope_id, state.measure,
        state."window", state.window_start, state.needed));
    end if;
    states := states || state;
  end loop;
  if short is not null then return jsonb_build_object('type', 'short', 'leases', short); end if;

  update counters c set window_start = s.window_start, window_end = s.window_end, max = s.max,
    held = s.held, used = s.used
  from unnest(states) s where c.ctid = s.place;
  insert into counters (account_id, scope, scope_id, measure, "window", window_start, window_end, max,
    held, used, waiting)
  select s.account_id, s.scope, s.scope_id, s.measure, s."window", s.window_start, s.window_end, s.max,
    s.held, s.used, s.waiting
  from unnest(states) s where s.place is null;
  update counters c set held = c.held - n.held
  from (
    select p->>0 as scope, p->>1 as scope_id, p->>2 as measure, p->>3 as "window",
      (p->>4)::timestamptz as window_start, sum((p->>5)::bigint) as held
    from jsonb_array_elements(hold.counters) p
    where p->>0 = any (moved) or p->>0 = 'platform' and p->>1 = any (budgets_left)
    group by 1, 2, 3, 4, 5
  ) n
  where c.account_id = hold.account_id and c.scope = n.scope and c.scope_id = n.scope_id
    and c.measure = n.measure and c."window" = n."window" and c.window_start = n.window_start;
  update holds h set counters = pins || coalesce((
    select jsonb_agg(p) from jsonb_array_elements(hold.counters) p
    where not (p->>0 = any (moved) or p->>0 = 'platform' and p->>1 = any (budgets_left))), '[]')
  where h.account_id = hold.account_id and h.id = hold.id;
  return null;
end $$;
