-- The broken promises of budgets over all accounts. A part of ledger_violations. Those that are of no
-- account are the platform's.
create or replace view budget_violations as
  select c.account_id, '7 an account uses what it has leased' as invariant,
    format('%s %s per %s: used %s, held %s, leased %s', c.scope_id, c.measure, c."window", c.used,
      c.held, c.max) as detail
  from counters c where c.scope = 'platform' and c.held + c.used > c.max
union all
  select 'platform', '7 a budget knows what is leased of it',
    format('%s %s per %s: budget %s, accounts %s, under way %s', b.id, b.measure, b."window", b.leased,
      coalesce(c.leased, 0), coalesce(u.leased, 0))
  from budgets b
  left join lateral (select sum(k.max) as leased from counters k
    where k.scope = 'platform' and k.scope_id = b.id and k.measure = b.measure
      and k."window" = b."window" and k.window_start = b.window_start) c on true
  left join lateral (select sum(l.amount) as leased from leases_under_way l
    where l.budget_id = b.id and l.measure = b.measure and l."window" = b."window"
      and l.window_start = b.window_start) u on true
  where b.leased <> coalesce(c.leased, 0) + coalesce(u.leased, 0)
union all
  select 'platform', '7 no more of a budget is leased than there is',
    format('%s %s per %s: leased %s of %s', b.id, b.measure, b."window", b.leased, b.most)
  from budgets b where b.leased > b.most;
