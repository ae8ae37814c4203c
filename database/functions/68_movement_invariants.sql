-- The broken promises of the verbs beyond grant, hold and settle. A part of ledger_violations.
create or replace view movement_violations as
  select a.id as account_id, '2 the debt is what entries without a grant say' as invariant,
    format('account %s, entries %s', a.overdraft_micro, coalesce(e.owed, 0)) as detail
  from accounts a
  left join (select account_id, -sum(amount_micro) owed from entries where grant_id is null
    group by account_id) e on e.account_id = a.id
  where a.overdraft_micro <> coalesce(e.owed, 0)
union all
  select a.id, '2 who is in debt has nothing',
    format('owes %s, available %s', a.overdraft_micro, a.available_micro)
  from accounts a where a.overdraft_micro > 0 and a.available_micro > 0
union all
  select coalesce(r.account_id, e.account_id), '3 refunds are at most the cost, each entered',
    format('hold %s: refunds %s, entries %s, cost %s', coalesce(r.hold_id, e.hold_id),
      coalesce(r.total, 0), coalesce(e.total, 0), coalesce(h.cost_micro, 0))
  from (select account_id, hold_id, sum(amount_micro) total from refunds group by 1, 2) r
  full join (select account_id, hold_id, sum(amount_micro) total from entries
    where kind = 'refund' group by 1, 2) e on e.account_id = r.account_id and e.hold_id = r.hold_id
  left join holds h on h.account_id = coalesce(r.account_id, e.account_id)
    and h.id = coalesce(r.hold_id, e.hold_id)
  where coalesce(r.total, 0) <> coalesce(e.total, 0)
    or coalesce(r.total, 0) > coalesce(h.cost_micro, 0)
union all
  select g.account_id, '4 a grant came in by one entry',
    format('grant %s of %s, entries %s', g.id, g.amount_micro, coalesce(e.total, 0))
  from grants g
  left join (select account_id, grant_id, sum(amount_micro) total from entries
    where kind in ('grant', 'transfer_in') group by 1, 2) e
    on e.account_id = g.account_id and e.grant_id = g.id
  where g.amount_micro <> coalesce(e.total, 0)
union all
  select coalesce(c.account_id, e.account_id), '4 a claw-back is what its entries took',
    format('grant %s: booked %s, entries %s', coalesce(c.grant_id, e.grant_id),
      coalesce(c.booked_micro, 0), coalesce(e.total, 0))
  from claw_backs c
  full join (select account_id, regexp_replace(ref, '^claw_back:(.*):\d+$', '\1') as grant_id,
      -sum(amount_micro) total
    from entries where kind = 'claw_back' group by 1, 2) e
    on e.account_id = c.account_id and e.grant_id = c.grant_id
  where coalesce(c.booked_micro, 0) <> coalesce(e.total, 0)
    or c.booked_micro <> (select coalesce(sum((t.part->>1)::bigint), 0)
      from jsonb_array_elements(c.taken) t (part))
union all
  select e.account_id, '5 what repays a debt comes out of a grant', format('%s sums to %s', e.ref, e.total)
  from (select account_id, ref, sum(amount_micro) total from entries where kind = 'repay' group by 1, 2) e
  where e.total <> 0 and not exists (
    -- A claw-back that was undone after its debt was repaid: the repayment came back as a grant.
    select 1 from entries u where u.account_id = e.account_id and u.ref = e.ref and u.kind = 'grant'
      and u.amount_micro = -e.total)
union all
  select t.account_id, '5 a transfer is what its entries moved',
    format('%s %s: %s, entries %s', t.ref, t.direction, t.total, coalesce(e.total, 0))
  from (select x.account_id, x.ref, x.direction, (case x.direction when 'in' then 1 else -1 end) * (
      (select coalesce(sum((g->>'amount')::bigint), 0) from jsonb_array_elements(x.grants) g)
      - x.debt_micro) as total
    from transfers x) t
  left join lateral (select sum(e.amount_micro) total from entries e
    where e.account_id = t.account_id and (
      e.kind = 'transfer_out' and t.direction = 'out' and e.ref = 'transfer:' || t.ref
      or e.kind = 'transfer_in' and t.direction = 'in'
        and (e.ref = 'transfer:' || t.ref or starts_with(e.ref, 'transfer:' || t.ref || ':')))) e on true
  where t.total <> coalesce(e.total, 0)
union all
  select o.account_id, '5 what goes out arrives', format('transfer %s to %s', o.ref, o.peer_id)
  from transfers o
  left join transfers i on i.account_id = o.peer_id and i.ref = o.ref and i.direction = 'in'
    and i.peer_id = o.account_id and i.grants = o.grants and i.debt_micro = o.debt_micro
  where o.direction = 'out' and i.ref is null
    and (o.arrived_at is not null or o.created_at < clock_timestamp() - interval '2 minutes')
union all
  select i.account_id, '5 what arrives went out', format('transfer %s from %s', i.ref, i.peer_id)
  from transfers i
  left join transfers o on o.account_id = i.peer_id and o.ref = i.ref and o.direction = 'out'
  where i.direction = 'in' and o.ref is null
union all
  select d.account_id, '8 a direct hold is due until it ends', format('hold %s is %s', d.id, coalesce(h.state, 'missing'))
  from direct_holds d
  left join holds h on h.account_id = d.account_id and h.id = d.id
  where h.id is null or (h.state = 'held') <> (d.due is not null);
