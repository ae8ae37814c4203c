-- How holds end. Ends of one moment are one call, of several accounts, by columns: it judges one after the
-- other and writes for all at once. Without patience it waits for nobody: what somebody else has is
-- answered as busy, and so is what cannot be told from other ends of the call. With patience it is
-- for one account only. So nobody ever waits for one account while having another.

-- Ends holds, each once. Whoever comes second gets the first result.
--   settled: the user pays least(cost, hold); the rest of each slice goes back to its grant.
--   released, expired: everything goes back.
-- The caller has the locks of their jobs; holds, accounts, counters and grants are locked here. One without
-- a state is none. Of each answers 'now' where it ended here, 'resolved' where it had before, 'missing',
-- or 'busy': somebody else has it, or it has to be asked alone. And how it has ended, what was held,
-- what of it is paid, and when that was where it was now.
drop function if exists ledger_resolve(text[], text[], text[], bigint[], jsonb[], boolean[], text[], boolean);
create function ledger_resolve(
  account_ids text[], hold_ids text[], states text[], costs bigint[], measures jsonb[],
  keep_expired boolean[], actors text[], patient boolean,
  out outcomes text[], out ended text[], out held bigint[], out charged bigint[],
  out at timestamptz[]
) language plpgsql as $$
declare
  calls integer[] := array[cardinality(account_ids)];
  mine integer[];
  call record;
  k integer;
  -- Of the account at hand: what the ends before this one have left.
  account_id text;
  seq bigint;
  balance bigint;
  head bytea;
  is_odd boolean;
  seen text[];
  -- Of the end at hand.
  rest bigint;
  part bigint;
  paid bigint;
  entry entries;
  -- Of all ends, to be written: accounts, parts of grants, entries.
  payers text[] := '{}';
  freed bigint[] := '{}';
  spent bigint[] := '{}';
  seqs bigint[] := '{}';
  heads bytea[] := '{}';
  times timestamptz[] := '{}';
  drawn_for text[] := '{}';
  drawn_from text[] := '{}';
  parts bigint[] := '{}';
  payments bigint[] := '{}';
  written entries[] := '{}';
  pins jsonb[];
  odd integer[] := '{}';
  gated integer[] := '{}';
begin
  if patient then
    perform from holds h where h.account_id = account_ids[1] and h.id = any (hold_ids)
    order by h.id for update;
    perform from accounts a where a.id = account_ids[1] for update;
  end if;
  mine := array(
    select c.n
    from unnest(account_ids, hold_ids, states) with ordinality c (account_id, id, state, n)
    cross join lateral (
      select h.state from holds h where h.account_id = c.account_id and h.id = c.id and c.state is not null
      for update skip locked
    ) h
    left join lateral (
      select a.id from accounts a where a.id = c.account_id and h.state = 'held' for update skip locked
    ) a on true
    where h.state <> 'held' or a.id is not null);
  outcomes := array_fill(case when patient then 'missing' else 'busy' end, calls);
  ended := array_fill(null::text, calls);
  held := array_fill(0::bigint, calls);
  charged := array_fill(0::bigint, calls);
  at := array_fill(null::timestamptz, calls);
  pins := array_fill(null::jsonb, calls);

  -- A statement of its own: it sees what was written before the locks were had.
  for call in
    select c.n, c.account_id, c.id, c.state, h.state as was, h.amount_micro, h.cost_micro, h.slices,
      h.counters, h.gates is not null as is_gated, a.seq, a.head_hash, t.now,
      a.available_micro + a.held_micro - a.overdraft_micro as balance,
      h.state = 'held' and (a.overdraft_micro > 0
        or exists (select from grants g
          where g.account_id = c.account_id and g.live and g.expires_at <= t.now)
        or exists (select from jsonb_array_elements(h.slices) s
          join grants g on g.account_id = c.account_id and g.id = s->>0
          where g.expires_at <= t.now)) as is_odd
    from unnest(account_ids, hold_ids, states) with ordinality c (account_id, id, state, n)
    join holds h on h.account_id = c.account_id and h.id = c.id
    join accounts a on a.id = c.account_id
    cross join lateral (select ledger_clock(a) as now) t
    where c.n = any (mine)
    order by c.account_id, c.n
  loop
    held[call.n] := call.amount_micro;
    if call.was <> 'held' then
      outcomes[call.n] := 'resolved';
      ended[call.n] := call.was;
      charged[call.n] := coalesce(call.cost_micro, 0);
      continue;
    end if;
    if call.account_id is distinct from account_id then
      account_id := call.account_id;
      seq := call.seq;
      balance := call.balance;
      head := call.head_hash;
      is_odd := call.is_odd;
      seen := '{}';
      payers := payers || account_id;
      freed := freed || 0::bigint;
      spent := spent || 0::bigint;
      seqs := seqs || seq;
      heads := heads || head;
      times := times || null::timestamptz;
      k := cardinality(payers);
    -- An account that owes, or has credit whose time has passed, ends one hold a call, and of a
    -- hold that is named twice the first counts: the next is asked again when this is written.
    elsif is_odd or call.is_odd or call.id = any (seen) then
      outcomes[call.n] := 'busy';
      continue;
    end if;
    seen := seen || call.id;
    outcomes[call.n] := 'now';
    ended[call.n] := call.state;
    at[call.n] := call.now;
    if call.state = 'settled' then
      charged[call.n] := least(costs[call.n], call.amount_micro);
    end if;
    freed[k] := freed[k] + call.amount_micro;
    spent[k] := spent[k] + charged[call.n];
    rest := charged[call.n];
    for i in 0 .. jsonb_array_length(call.slices) - 1 loop
      part := (call.slices->i->>1)::bigint;
      paid := least(rest, part);
      rest := rest - paid;
      drawn_for := drawn_for || account_id;
      drawn_from := drawn_from || (call.slices->i->>0);
      parts := parts || part;
      payments := payments || paid;
      continue when paid = 0;
      seq := seq + 1;
      balance := balance - paid;
      entry := row(account_id, seq, 'consume', -paid, balance, call.slices->i->>0, call.id, null,
        coalesce(actors[call.n], 'system:settle'), null, null, null, call.now);
      entry.hash := ledger_entry_hash(head, entry);
      head := entry.hash;
      written := written || entry;
      seqs[k] := seq;
      heads[k] := head;
      times[k] := call.now;
    end loop;
    if call.counters <> '[]' then pins[call.n] := call.counters; end if;
    if call.is_odd then odd := odd || call.n::integer; end if;
    if call.is_gated then gated := gated || call.n::integer; end if;
  end loop;
  if payers = '{}' then return; end if;

  with returned as (
    update grants g set held_micro = g.held_micro - p.amount,
      remaining_micro = g.remaining_micro + p.amount - p.paid
    from (
      select p.account_id, p.id, sum(p.amount) as amount, sum(p.paid) as paid
      from unnest(drawn_for, drawn_from, parts, payments) p (account_id, id, amount, paid) group by 1, 2
    ) p
    where g.account_id = p.account_id and g.id = p.id
  ),
  noted as (
    insert into entries select w.* from unnest(written) w
  ),
  counted as (
    update counters c set held = c.held - n.held, used = c.used + n.used
    from (
      select e.account_id, n.pin->>0 as scope, n.pin->>1 as scope_id, n.pin->>2 as measure,
        n.pin->>3 as "window", (n.pin->>4)::timestamptz as window_start,
        sum((n.pin->>5)::bigint) as held,
        sum(case n.pin->>2 when 'credits' then e.charged when 'concurrency' then 0
          else least(coalesce((e.measures->>(n.pin->>2))::bigint, 0), (n.pin->>5)::bigint) end) as used
      from unnest(account_ids, pins, charged, ledger_resolve.measures)
        e (account_id, pins, charged, measures), jsonb_array_elements(e.pins) n (pin)
      group by 1, 2, 3, 4, 5, 6
    ) n
    where c.account_id = n.account_id and c.scope = n.scope and c.scope_id = n.scope_id
      and c.measure = n.measure and c."window" = n."window" and c.window_start = n.window_start
  ),
  resolved as (
    update holds h set state = e.state, resolved_at = e.at,
      cost_micro = case e.state when 'settled' then e.charged end
    from unnest(account_ids, hold_ids, ended, charged, ledger_resolve.at)
      e (account_id, id, state, charged, at)
    where e.at is not null and h.account_id = e.account_id and h.id = e.id
  )
  update accounts a set available_micro = a.available_micro + p.freed - p.spent,
    held_micro = a.held_micro - p.freed, seq = p.seq, head_hash = p.head,
    last_entry_at = coalesce(p.at, a.last_entry_at)
  from unnest(payers, freed, spent, seqs, heads, times) p (id, freed, spent, seq, head, at)
  where a.id = p.id;

  foreach k in array gated loop
    perform ledger_leave_gates(h) from holds h where h.account_id = account_ids[k] and h.id = hold_ids[k];
  end loop;
  foreach k in array odd loop
    perform ledger_resolve_odd(a, h, charged[k], keep_expired[k],
      coalesce(actors[k], 'system:settle'), ledger_resolve.at[k])
    from accounts a, holds h
    where a.id = account_ids[k] and h.account_id = a.id and h.id = hold_ids[k];
  end loop;
end $$;

-- What a hold's return means to an account that owes or has credit whose time has passed.
create or replace function ledger_resolve_odd(
  account accounts, hold holds, charged bigint, keep_expired boolean, actor text, at timestamptz
) returns void language plpgsql as $$
begin
  if account.overdraft_micro > 0 then
    account := ledger_repay(account, hold.id, actor, at);
  end if;
  perform ledger_save(ledger_return_expired(account, hold, charged, keep_expired, at));
end $$;

-- Credit that came back to a grant whose time has passed. It expires at once, as it would have
-- without the hold; after a failure that was not the user's, it lives on for at least 72 hours
-- as a refund grant, once per chain.
create or replace function ledger_return_expired(
  account accounts, hold holds, charged bigint, keep_expired boolean, at timestamptz
) returns accounts language plpgsql as $$
declare
  dead grants;
  back record;
begin
  for back in
    select s.grant_id,
      -- Of the slice, less what was paid from it. What else is left had expired without this hold.
      (s.amount - greatest(0, least(s.amount, charged - s.before)))::bigint as returned
    from (
      select slice->>0 as grant_id, (slice->>1)::bigint as amount,
        sum((slice->>1)::bigint) over (order by position) - (slice->>1)::bigint as before
      from jsonb_array_elements(hold.slices) with ordinality x (slice, position)
    ) s
    where keep_expired
  loop
    select * into dead from grants g
    where g.account_id = account.id and g.id = back.grant_id and g.live and g.expires_at <= at;
    if found then
      -- Less than came back, where some of it has repaid a debt.
      account := ledger_live_on(account, dead, least(back.returned, dead.remaining_micro),
        'expired_hold', hold.id, 'system:release',
        'Returned by a failed generation after the grant had expired', at);
    end if;
  end loop;
  return ledger_expire_due(account, at, hold.id);
end $$;
