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
  call record;
  k integer;
  -- Of the account at hand: what the ends before this one have left.
  account_id text;
  now timestamptz;
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
  -- Of all ends, to be written, with the places of what is locked: accounts, holds, parts of grants, entries.
  payers text[] := '{}';
  purses tid[] := '{}';
  freed bigint[] := '{}';
  spent bigint[] := '{}';
  seqs bigint[] := '{}';
  heads bytea[] := '{}';
  times timestamptz[] := '{}';
  places tid[] := array_fill(null::tid, calls);
  pins jsonb[] := array_fill(null::jsonb, calls);
  drawn_for text[] := '{}';
  drawn_from text[] := '{}';
  drawn_at timestamptz[] := '{}';
  parts bigint[] := '{}';
  payments bigint[] := '{}';
  written entries[] := '{}';
  late text[];
  odd integer[] := '{}';
  gated integer[] := '{}';
  too_many integer[] := '{}';
begin
  if patient then
    perform from holds h where h.account_id = account_ids[1] and h.id = any (hold_ids)
    order by h.id for update;
    perform from accounts a where a.id = account_ids[1] for update;
  end if;
  outcomes := array_fill(case when patient then 'missing' else 'busy' end, calls);
  ended := array_fill(null::text, calls);
  held := array_fill(0::bigint, calls);
  charged := array_fill(0::bigint, calls);
  at := array_fill(null::timestamptz, calls);

  -- What is locked is read as it is then; what is not is for the statements after this one.
  for call in
    select c.n, c.account_id, c.id, c.state, h.*, a.*
    from unnest(account_ids, hold_ids, states) with ordinality c (account_id, id, state, n)
    cross join lateral (
      select h.ctid as place, h.state as was, h.amount_micro, h.cost_micro, h.slices, h.counters,
        h.gates is not null as is_gated
      from holds h where h.account_id = c.account_id and h.id = c.id and c.state is not null
      for update skip locked
    ) h
    left join lateral (
      select a.ctid as purse, a.available_micro + a.held_micro - a.overdraft_micro as balance,
        a.overdraft_micro, a.seq, a.head_hash, a.last_entry_at, a.clock_offset
      from accounts a where a.id = c.account_id and h.was = 'held' for update skip locked
    ) a on true
    order by c.account_id, c.n
  loop
    held[call.n] := call.amount_micro;
    if call.was <> 'held' then
      outcomes[call.n] := 'resolved';
      ended[call.n] := call.was;
      charged[call.n] := coalesce(call.cost_micro, 0);
      continue;
    end if;
    if call.purse is null then
      outcomes[call.n] := 'busy';
      continue;
    end if;
    if call.account_id is distinct from account_id then
      account_id := call.account_id;
      now := greatest(clock_timestamp() + call.clock_offset, call.last_entry_at);
      seq := call.seq;
      balance := call.balance;
      head := call.head_hash;
      is_odd := call.overdraft_micro > 0;
      seen := '{}';
      payers := payers || account_id;
      purses := purses || call.purse;
      freed := freed || 0::bigint;
      spent := spent || 0::bigint;
      seqs := seqs || seq;
      heads := heads || head;
      times := times || now;
      k := cardinality(payers);
      if is_odd then odd := odd || call.n::integer; end if;
    -- An account that owes, or has credit whose time has passed, ends one hold a call, and of a
    -- hold that is named twice the first counts: the next is asked again when this is written.
    elsif is_odd or call.id = any (seen) then
      outcomes[call.n] := 'busy';
      continue;
    end if;
    seen := seen || call.id;
    outcomes[call.n] := 'now';
    ended[call.n] := call.state;
    at[call.n] := now;
    places[call.n] := call.place;
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
      drawn_at := drawn_at || now;
      parts := parts || part;
      payments := payments || paid;
      continue when paid = 0;
      seq := seq + 1;
      balance := balance - paid;
      entry := row(account_id, seq, 'consume', -paid, balance, call.slices->i->>0, call.id, null,
        coalesce(actors[call.n], 'system:settle'), null, null, null, now);
      entry.hash := ledger_entry_hash(head, entry);
      head := entry.hash;
      written := written || entry;
    end loop;
    seqs[k] := seq;
    heads[k] := head;
    if call.counters <> '[]' then pins[call.n] := call.counters; end if;
    if call.is_gated then gated := gated || call.n::integer; end if;
  end loop;
  if payers = '{}' then return; end if;

  -- A statement of its own: it sees the grants that were written before their accounts were locked.
  late := array(
    select p.id from unnest(payers, times) p (id, at)
    where exists (select from grants g
      where g.account_id = p.id and g.live and g.expires_at <= p.at)
    union all
    select d.account_id from unnest(drawn_for, drawn_from, drawn_at) d (account_id, id, at)
    join grants g on g.account_id = d.account_id and g.id = d.id where g.expires_at <= d.at);
  if late <> '{}' then
    seen := '{}';
    for n in 1 .. calls[1] loop
      continue when at[n] is null or account_ids[n] <> all (late);
      if account_ids[n] = any (seen) then
        too_many := too_many || n;
        states[n] := null;
      elsif n <> all (odd) then
        odd := odd || n;
      end if;
      seen := seen || account_ids[n];
    end loop;
  end if;
  -- Nothing is written yet: the same without those that have to be asked alone.
  if too_many <> '{}' then
    select r.* into outcomes, ended, held, charged, at
    from ledger_resolve(account_ids, hold_ids, states, costs, measures, keep_expired, actors, patient) r;
    foreach k in array too_many loop
      outcomes[k] := 'busy';
    end loop;
    return;
  end if;

  -- Accounts and holds by their places, which nobody can change while they are locked.
  with returned as (
    update grants g set held_micro = g.held_micro - p.amount,
      remaining_micro = g.remaining_micro + p.amount - p.paid
    from (
      select p.account_id, p.id, sum(p.amount)::bigint as amount, sum(p.paid)::bigint as paid
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
    from unnest(places, ended, charged, ledger_resolve.at) e (place, state, charged, at)
    where h.ctid = e.place
  )
  update accounts a set available_micro = a.available_micro + p.freed - p.spent,
    held_micro = a.held_micro - p.freed, seq = p.seq, head_hash = p.head,
    last_entry_at = case when p.seq > a.seq then p.at else a.last_entry_at end
  from unnest(purses, freed, spent, seqs, heads, times) p (place, freed, spent, seq, head, at)
  where a.ctid = p.place;

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
