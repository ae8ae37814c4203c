-- Holds that wait: they keep their credits, and counters of rules that were full know how much waits
-- for them.

-- Counts a hold at the gates it waited at, in the windows that are open now, if all have room. The
-- caller holds its lock and that of its account. Answers NULL, or the gate that has none, and until when.
create or replace function ledger_admit(hold holds, account accounts, at timestamptz, defaults limit_rule[])
returns jsonb language plpgsql as $$
declare
  gate jsonb;
  state limit_state;
  states limit_state[] := '{}';
  pins jsonb := '[]';
begin
  for gate in select jsonb_array_elements(hold.gates) loop
    select l.* into state
    from limits_of(account.id, jsonb_build_object(gate->>0, gate->>1),
      jsonb_build_object(gate->>2, gate->4), 0, defaults) l
    where l."window" = gate->>3;
    -- A rule that is gone lets everything pass.
    continue when not found;
    if state.window_end > at is not true then
      state := limit_opened(state, at, account.timezone);
    end if;
    if state.held + state.used + state.needed > state.max then
      return jsonb_build_object('until', case state."window" when 'total' then null else state.window_end end,
        'gate', limit_gate(state.scope, state.scope_id, state.measure, state."window"));
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

  update counters c set window_start = s.window_start, window_end = s.window_end, max = s.max,
    held = s.held, used = s.used
  from unnest(states) s where c.ctid = s.place;
  perform ledger_leave_gates(hold);
  update holds h set counters = h.counters || pins, gates = null
  where h.account_id = hold.account_id and h.id = hold.id;
  return null;
end $$;

-- A hold waits no more.
create or replace function ledger_leave_gates(hold holds) returns void language sql as $$
  update counters c set waiting = c.waiting - (n.gate->>4)::bigint
  from jsonb_array_elements(hold.gates) n (gate)
  where c.account_id = hold.account_id and c.scope = n.gate->>0 and c.scope_id = n.gate->>1
    and c.measure = n.gate->>2 and c."window" = n.gate->>3
$$;

-- Counters that may have room for what waits for them.
create or replace function ledger_gates_open(n integer) returns table (account_id text, gate text)
language sql as $$
  select c.account_id, limit_gate(c.scope, c.scope_id, c.measure, c."window")
  from counters c join accounts a on a.id = c.account_id
  where c.waiting > 0 and (c.held + c.used < c.max or c.window_end <= ledger_clock(a))
  order by random() limit n
$$;

-- Writes a rule of an account's own, or takes it away. What waits is let go, or not, by the rule as it
-- is now: a counter that looks as if it had room is looked at.
--   p: account, scope, scope_id, measure, window, max, on_exceed, actor, remove
create or replace function limit_rule_write(p jsonb) returns boolean language plpgsql as $$
declare
  was boolean;
begin
  perform from accounts a where a.id = p->>'account' for update;
  if (p->>'remove')::boolean then
    delete from limit_rules r where r.account_id = p->>'account' and r.scope = p->>'scope'
      and r.scope_id = p->>'scope_id' and r.measure = p->>'measure' and r."window" = p->>'window';
    was := found;
  else
    insert into limit_rules
      (account_id, scope, scope_id, measure, "window", max, on_exceed, changed_by)
    values (p->>'account', p->>'scope', p->>'scope_id', p->>'measure', p->>'window',
      (p->>'max')::bigint, p->>'on_exceed', p->>'actor')
    on conflict (account_id, scope, scope_id, measure, "window") do update set
      max = excluded.max, on_exceed = excluded.on_exceed, changed_by = excluded.changed_by,
      changed_at = now();
    was := true;
  end if;
  update counters c set max = 9223372036854775807
  where c.account_id = p->>'account' and c.scope = p->>'scope' and c.measure = p->>'measure'
    and c."window" = p->>'window' and c.waiting > 0;
  return was;
end $$;
