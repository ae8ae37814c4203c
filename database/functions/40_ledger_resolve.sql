-- How holds end. Ends of one moment are one call, of several accounts: it reads what all need to
-- know, and writes for all with one statement a table. Without patience it waits for nobody: what
-- somebody else has is answered as busy, and so is what cannot be told from other ends of the call.
-- With patience it is for one account only. So nobody ever waits for one account while having another.

-- The holds that are to end, locked in one order, as they are found then. The caller has the locks
-- of their jobs.
create or replace function ledger_lock_holds(ends hold_end[], patient boolean) returns hold_end[]
language plpgsql as $$
begin
  if patient then
    perform from unnest(ends) e
    join holds h on h.account_id = e.account_id and h.id = e.hold_id
    order by h.id for update of h;
  end if;
  return array(
    with found as materialized (
      select e.n, h as hold from unnest(ends) e
      join holds h on h.account_id = e.account_id and h.id = e.hold_id
      for update of h skip locked
    )
    select row(e.n, e.account_id, e.hold_id, e.state, e.cost_micro, e.measures, e.keep_expired, e.actor,
      f.hold, case when f.n is null then case when patient then 'missing' else 'busy' end end,
      null, null, null)::hold_end
    from unnest(ends) e left join found f on f.n = e.n order by e.n);
end $$;

-- Ends holds, each once. Whoever comes second gets the first result.
--   settled: the user pays least(cost, hold); the rest of each slice goes back to its grant.
--   released, expired: everything goes back.
-- The caller has the holds' locks; accounts, counters and grants are locked here. Of each end that had no
-- outcome yet, its outcome.
create or replace function ledger_resolve(ends hold_end[], patient boolean) returns hold_end[]
language plpgsql as $$
declare
  payers text[] := array(
    select distinct e.account_id from unnest(ends) e
    where e.outcome is null and (e.hold).state = 'held');
  odd hold_end;
begin
  if patient then
    perform from accounts a where a.id = any (payers) for update;
  end if;
  payers := array(select a.id from accounts a where a.id = any (payers) for update skip locked);

  -- A statement of its own: it sees what was written before the locks were had. An account that
  -- owes, or has credit whose time has passed, ends one hold a call, and of a hold that is named
  -- twice the first counts: the next is asked again when this is written.
  ends := array(
    with payer as materialized (
      select a.id, a.overdraft_micro, ledger_clock(a) as at from accounts a where a.id = any (payers)
    ),
    asked as (
      select e.*, p.at as "now",
        bool_or(p.overdraft_micro > 0
          or exists (select from grants g
            where g.account_id = p.id and g.live and g.expires_at <= p.at)
          or exists (select from jsonb_array_elements((e.hold).slices) s
            join grants g on g.account_id = p.id and g.id = s->>0 where g.expires_at <= p.at))
          over (partition by p.id) as odd,
        row_number() over (partition by p.id order by e.n) as turn,
        row_number() over (partition by p.id, e.hold_id order by e.n) as time
      from unnest(ends) e
      left join payer p on p.id = e.account_id and e.outcome is null and (e.hold).state = 'held'
    ),
    judged as (
      select a.*, coalesce(a.outcome, case when (a.hold).state <> 'held' then 'resolved'
        when a."now" is null or a.time > 1 or a.odd and a.turn > 1 then 'busy' else 'now' end) as said
      from asked a
    )
    select row(j.n, j.account_id, j.hold_id, j.state, j.cost_micro, j.measures, j.keep_expired, j.actor,
      j.hold, j.said,
      case when j.said = 'resolved' then coalesce((j.hold).cost_micro, 0)
        when j.said = 'now' and j.state = 'settled' then least(j.cost_micro, (j.hold).amount_micro)
        else 0 end,
      case when j.said = 'now' then j."now" end, j.odd)::hold_end
    from judged j order by j.n);

  with piece as materialized (
    select e.account_id, e.hold_id, e.n, e.at, coalesce(e.actor, 'system:settle') as actor,
      s.place, s.grant_id, s.amount, greatest(0, least(s.amount, e.charged_micro - s.before)) as paid
    from unnest(ends) e
    cross join lateral (
      select x.place, x.slice->>0 as grant_id, (x.slice->>1)::bigint as amount,
        sum((x.slice->>1)::bigint) over (order by x.place)::bigint - (x.slice->>1)::bigint as before
      from jsonb_array_elements((e.hold).slices) with ordinality x (slice, place)
    ) s
    where e.outcome = 'now'
  ),
  returned as (
    update grants g set held_micro = g.held_micro - p.amount,
      remaining_micro = g.remaining_micro + p.amount - p.paid
    from (
      select p.account_id, p.grant_id, sum(p.amount) as amount, sum(p.paid) as paid
      from piece p group by 1, 2
    ) p
    where g.account_id = p.account_id and g.id = p.grant_id
  ),
  written as (
    insert into entries (account_id, seq, kind, amount_micro, balance_after_micro, grant_id, hold_id,
      actor, created_at, hash)
    select (c.entry).account_id, (c.entry).seq, (c.entry).kind, (c.entry).amount_micro,
      (c.entry).balance_after_micro, (c.entry).grant_id, (c.entry).hold_id, (c.entry).actor,
      (c.entry).created_at,
      ledger_chain(c.head_hash, c.entry) over (partition by c.id order by (c.entry).seq)
    from (
      select a.id, a.head_hash, row(a.id, a.seq + row_number() over turn, 'consume', -p.paid,
        a.available_micro + a.held_micro - a.overdraft_micro - sum(p.paid) over turn,
        p.grant_id, p.hold_id, null, p.actor, null, null, null, p.at)::entries as entry
      from piece p join accounts a on a.id = p.account_id
      where p.paid > 0
      window turn as (partition by a.id order by p.n, p.place)
    ) c
    returning account_id, seq, hash, created_at
  )
  update accounts a set available_micro = a.available_micro + e.held - e.charged,
    held_micro = a.held_micro - e.held, seq = coalesce(w.seq, a.seq),
    head_hash = coalesce(w.hash, a.head_hash), last_entry_at = coalesce(w.created_at, a.last_entry_at)
  from (
    select e.account_id, sum((e.hold).amount_micro) as held, sum(e.charged_micro) as charged
    from unnest(ends) e where e.outcome = 'now' group by 1
  ) e
  left join (
    select distinct on (w.account_id) w.* from written w order by w.account_id, w.seq desc
  ) w on w.account_id = e.account_id
  where a.id = e.account_id;

  for odd in select e.* from unnest(ends) e where e.outcome = 'now' and e.is_odd loop
    perform ledger_resolve_odd(a, odd) from accounts a where a.id = odd.account_id;
  end loop;

  update counters c set held = c.held - n.held, used = c.used + n.used
  from (
    select e.account_id, n.pin->>0 as scope, n.pin->>1 as scope_id, n.pin->>2 as measure,
      n.pin->>3 as "window", (n.pin->>4)::timestamptz as window_start,
      sum((n.pin->>5)::bigint) as held,
      sum(case n.pin->>2 when 'credits' then e.charged_micro when 'concurrency' then 0
        else least(coalesce((e.measures->>(n.pin->>2))::bigint, 0), (n.pin->>5)::bigint) end) as used
    from unnest(ends) e, jsonb_array_elements((e.hold).counters) n (pin)
    where e.outcome = 'now'
    group by 1, 2, 3, 4, 5, 6
  ) n
  where c.account_id = n.account_id and c.scope = n.scope and c.scope_id = n.scope_id
    and c.measure = n.measure and c."window" = n."window" and c.window_start = n.window_start;
  perform ledger_leave_gates(e.hold) from unnest(ends) e
  where e.outcome = 'now' and (e.hold).gates is not null;
  update holds h set state = e.state, resolved_at = e.at,
    cost_micro = case e.state when 'settled' then e.charged_micro end
  from unnest(ends) e
  where e.outcome = 'now' and h.account_id = e.account_id and h.id = e.hold_id;
  return ends;
end $$;

-- What a hold's return means to an account that owes or has credit whose time has passed.
create or replace function ledger_resolve_odd(account accounts, e hold_end) returns void
language plpgsql as $$
begin
  if account.overdraft_micro > 0 then
    account := ledger_repay(account, e.hold_id, coalesce(e.actor, 'system:settle'), e.at);
  end if;
  perform ledger_save(ledger_return_expired(account, e));
end $$;

-- Credit that came back to a grant whose time has passed. It expires at once, as it would have
-- without the hold; after a failure that was not the user's, it lives on for at least 72 hours
-- as a refund grant, once per chain.
create or replace function ledger_return_expired(account accounts, e hold_end) returns accounts
language plpgsql as $$
declare
  dead grants;
  back record;
begin
  for back in
    select s.grant_id,
      -- Of the slice, less what was paid from it. What else is left had expired without this hold.
      (s.amount - greatest(0, least(s.amount, e.charged_micro - s.before)))::bigint as returned
    from (
      select slice->>0 as grant_id, (slice->>1)::bigint as amount,
        sum((slice->>1)::bigint) over (order by position) - (slice->>1)::bigint as before
      from jsonb_array_elements((e.hold).slices) with ordinality x (slice, position)
    ) s
    where e.keep_expired
  loop
    select * into dead from grants
    where account_id = account.id and id = back.grant_id and live and expires_at <= e.at;
    if found then
      -- Less than came back, where some of it has repaid a debt.
      account := ledger_live_on(account, dead, least(back.returned, dead.remaining_micro),
        'expired_hold', e.hold_id, 'system:release',
        'Returned by a failed generation after the grant had expired', e.at);
    end if;
  end loop;
  return ledger_expire_due(account, e.at, e.hold_id);
end $$;
