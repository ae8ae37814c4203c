-- Every broken promise of the ledger, one row each. Empty when all is well.
create or replace view ledger_violations as
  select a.id as account_id, '1 available is what grants have left' as invariant,
    format('account %s, grants %s', a.available_micro, coalesce(g.remaining, 0)) as detail
  from accounts a
  left join (select account_id, sum(remaining_micro) remaining, sum(held_micro) held
    from grants group by account_id) g on g.account_id = a.id
  where a.available_micro <> coalesce(g.remaining, 0)
union all
  select a.id, '1 held is what open holds keep',
    format('account %s, grants %s, holds %s', a.held_micro, coalesce(g.held, 0), coalesce(h.held, 0))
  from accounts a
  left join (select account_id, sum(held_micro) held from grants group by account_id) g
    on g.account_id = a.id
  left join (select account_id, sum(amount_micro) held from holds where state = 'held'
    group by account_id) h on h.account_id = a.id
  where a.held_micro <> coalesce(g.held, 0) or a.held_micro <> coalesce(h.held, 0)
union all
  select a.id, '2 the balance is the sum of entries',
    format('balance %s, entries %s', a.available_micro + a.held_micro - a.overdraft_micro, coalesce(e.total, 0))
  from accounts a
  left join (select account_id, sum(amount_micro) total from entries group by account_id) e
    on e.account_id = a.id
  where a.available_micro + a.held_micro - a.overdraft_micro <> coalesce(e.total, 0)
union all
  select e.account_id, '2 entries are gapless, summed and chained', format('entry %s', e.seq)
  from (
    select x.account_id, x.seq, x.balance_after_micro, x.hash,
      row_number() over w as expected_seq, sum(x.amount_micro) over w as expected_balance,
      ledger_entry_hash(lag(x.hash, 1, '\x'::bytea) over w, x) as expected_hash
    from entries x
    window w as (partition by x.account_id order by x.seq)
  ) e
  where e.seq <> e.expected_seq or e.balance_after_micro <> e.expected_balance
    or e.hash <> e.expected_hash
union all
  select a.id, '2 the account ends where its entries end',
    format('account seq %s, last entry %s', a.seq, coalesce(e.seq, 0))
  from accounts a
  left join lateral (select seq, hash from entries where account_id = a.id order by seq desc limit 1) e on true
  where a.seq <> coalesce(e.seq, 0) or (e.seq is not null and a.head_hash <> e.hash)
union all
  -- An erased reason is none; one in other words is a forgery.
  select e.account_id, '2 a reason is the one that was given', format('entry %s', e.seq)
  from entries e
  join entry_notes n on n.account_id = e.account_id and n.id = e.note_id
  where n.reason is not null
    and e.reason_digest is distinct from sha256(n.salt || convert_to(n.reason, 'UTF8'))
union all
  select h.account_id, '3 settled means paid, once',
    format('hold %s is %s at %s, entries %s', h.id, h.state, h.cost_micro, coalesce(e.paid, 0))
  from holds h
  left join (select account_id, hold_id, -sum(amount_micro) paid from entries where kind = 'consume'
    group by account_id, hold_id) e on e.account_id = h.account_id and e.hold_id = h.id
  where coalesce(h.cost_micro, 0) <> coalesce(e.paid, 0)
union all
  select g.account_id, '4 a grant adds up',
    format('grant %s: %s of %s', g.id, g.remaining_micro + g.held_micro + coalesce(e.gone, 0), g.amount_micro)
  from grants g
  left join (select account_id, grant_id, -sum(amount_micro) gone from entries
    where kind not in ('grant', 'transfer_in') group by account_id, grant_id) e
    on e.account_id = g.account_id and e.grant_id = g.id
  where g.amount_micro <> g.remaining_micro + g.held_micro + coalesce(e.gone, 0)
union all
  select h.account_id, '6 usage adds up to what was charged',
    format('hold %s cost %s, usage %s', h.id, h.cost_micro, coalesce(u.price, 0))
  from holds h
  left join (select account_id, job_id, sum(price_micro) price from usage_events
    group by account_id, job_id) u on u.account_id = h.account_id and u.job_id = h.id
  where h.state = 'settled' and h.cost_micro <> coalesce(u.price, 0)
    and not exists (select 1 from usage_seals s
      where s.month = date_trunc('month', h.created_at at time zone 'UTC')::date)
union all
  -- Of a month whose events were pruned, the sums are left to compare.
  select account_id, '6 usage adds up to what was charged',
    format('sealed month %s: charged %s, usage %s', month, charged, used)
  from (
    select account_id, month, sum(charged) as charged, sum(used) as used
    from (
      select h.account_id, s.month, h.cost_micro as charged, 0 as used
      from usage_seals s
      join holds h on h.created_at >= s.month::timestamp at time zone 'UTC'
        and h.created_at < (s.month + interval '1 month') at time zone 'UTC' and h.state = 'settled'
      union all
      select t.account_id, t.month, 0, t.price_micro from usage_totals t
      union all
      select u.account_id, s.month, 0, u.price_micro
      from usage_seals s
      join usage_events u on u.job_created_at >= s.month::timestamp at time zone 'UTC'
        and u.job_created_at < (s.month + interval '1 month') at time zone 'UTC'
    ) either group by account_id, month
  ) sums
  where charged <> used
union all
  select c.account_id, '7 counters keep what open holds pinned',
    format('%s %s %s per %s: counter %s, holds %s', c.scope, c.scope_id, c.measure, c."window", c.held,
      coalesce(p.pinned, 0))
  from counters c
  left join (
    select h.account_id, n.pin->>0 scope, n.pin->>1 scope_id, n.pin->>2 measure, n.pin->>3 "window",
      (n.pin->>4)::timestamptz window_start, sum((n.pin->>5)::bigint) pinned
    from holds h, jsonb_array_elements(h.counters) n (pin)
    where h.state = 'held' group by 1, 2, 3, 4, 5, 6
  ) p using (account_id, scope, scope_id, measure, "window", window_start)
  where c.held <> coalesce(p.pinned, 0)
union all
  select c.account_id, '7 counters know what waits for them',
    format('%s %s %s per %s: counter %s, holds %s', c.scope, c.scope_id, c.measure, c."window",
      c.waiting, coalesce(p.waiting, 0))
  from counters c
  left join (
    select h.account_id, n.gate->>0 scope, n.gate->>1 scope_id, n.gate->>2 measure,
      n.gate->>3 "window", sum((n.gate->>4)::bigint) waiting
    from holds h, jsonb_array_elements(h.gates) n (gate)
    where h.state = 'held' and h.gates is not null group by 1, 2, 3, 4, 5
  ) p using (account_id, scope, scope_id, measure, "window")
  where c.waiting <> coalesce(p.waiting, 0)
union all
  select h.account_id, '8 no hold outlives its time', format('hold %s expired at %s', h.id, h.expires_at)
  from holds h where h.state = 'held' and h.expires_at < clock_timestamp() - interval '2 minutes'
union all
  select j.account_id, '8 a job and its hold end together', format('job %s is %s, its hold %s', j.id, j.state, h.state)
  from jobs j join holds h on h.account_id = j.account_id and h.id = j.id
  where (h.state = 'held') <> (j.state in ('queued', 'running'))
union all
  select * from movement_violations
union all
  select * from budget_violations;
