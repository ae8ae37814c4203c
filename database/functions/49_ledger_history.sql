-- What each grant of an account had left and had set aside at a moment, from entries and holds alone.
-- Reads all of them, so it grows with the account's history.
create or replace function ledger_grants_at(account text, moment timestamptz)
returns table (id text, kind text, priority smallint, expires_at timestamptz,
  remaining_micro bigint, held_micro bigint) language sql stable as $$
  select g.id, g.kind::text, g.priority::smallint, g.expires_at,
    (g.amount_micro + coalesce(e.moved, 0) - coalesce(h.held, 0))::bigint,
    coalesce(h.held, 0)::bigint
  from grants g
  left join (
    select x.grant_id, sum(x.amount_micro) as moved from entries x
    where x.account_id = account and x.created_at <= moment
      and x.kind not in ('grant', 'transfer_in')
    group by x.grant_id
  ) e on e.grant_id = g.id
  left join (
    select s.slice->>0 as grant_id, sum((s.slice->>1)::bigint) as held
    from holds x, jsonb_array_elements(x.slices) s (slice)
    where x.account_id = account and x.created_at <= moment
      and (x.resolved_at is null or x.resolved_at > moment)
    group by 1
  ) h on h.grant_id = g.id
  where g.account_id = account and g.created_at <= moment
$$;

-- What was owed at a moment: entries without a grant are the debt's.
create or replace function ledger_debt_at(account text, moment timestamptz) returns bigint
language sql stable as $$
  select -coalesce(sum(e.amount_micro), 0)::bigint from entries e
  where e.account_id = account and e.grant_id is null and e.created_at <= moment
$$;
