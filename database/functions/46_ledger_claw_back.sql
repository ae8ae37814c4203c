-- Takes back what was granted for money that the buyer has back, or disputes. It goes by states, not by
-- events: whatever is told, how often and in which order, what is booked is what the newest state
-- asks for, ceil(grant × min(1, (refunded + disputed) / charged)).
--   p: account, source, source_ref, charged, refunded, disputed, as_of, actor, reason
create or replace function ledger_claw_back(p jsonb) returns jsonb language plpgsql as $$
declare
  account accounts;
  bought grants;
  state claw_backs;
  at timestamptz;
  target bigint;
  step bigint;
  entry entries;
  taken record;
begin
  select * into account from accounts where id = p->>'account' for update;
  if not found then
    raise exception 'no account %', p->>'account' using errcode = 'DG001';
  end if;
  select * into bought from grants
  where account_id = account.id and source = p->>'source' and source_ref = p->>'source_ref';
  if not found then
    return ledger_refuse('grant_missing', '{}');
  end if;
  select * into state from claw_backs c
  where c.account_id = account.id and c.grant_id = bought.id;
  if state.as_of > (p->>'as_of')::timestamptz then
    return jsonb_build_object('outcome', 'stale', 'moved', 0, 'booked', state.booked_micro::text);
  end if;

  -- Upwards, in whole numbers: numeric division would round.
  target := div(bought.amount_micro::numeric * least((p->>'charged')::numeric,
    (p->>'refunded')::numeric + (p->>'disputed')::numeric) + (p->>'charged')::numeric - 1,
    (p->>'charged')::numeric);
  step := target - coalesce(state.booked_micro, 0);
  state.account_id := account.id;
  state.grant_id := bought.id;
  state.charged := p->>'charged';
  state.refunded := p->>'refunded';
  state.disputed := p->>'disputed';
  state.as_of := p->>'as_of';
  state.booked_micro := target;
  state.taken := coalesce(state.taken, '[]');
  state.revision := coalesce(state.revision, 0);
  if step <> 0 then
    at := ledger_clock(account);
    state.revision := state.revision + 1;
    account := ledger_expire_due(account, at, 'due');
    entry := ledger_entry(account, 'claw_back', 'claw_back:' || bought.id || ':' || state.revision,
      p->>'actor', p->>'reason', at);
    if step > 0 then
      taken := ledger_claw(account, bought, entry, step);
      state.taken := state.taken || taken.parts;
    else
      taken := ledger_unclaw(account, bought, entry, state, -step);
      state.taken := taken.parts;
    end if;
    account := taken.account;
    perform ledger_save(account);
  end if;
  insert into claw_backs select state.*
  on conflict (account_id, grant_id) do update set charged = excluded.charged,
    refunded = excluded.refunded, disputed = excluded.disputed, as_of = excluded.as_of,
    booked_micro = excluded.booked_micro, taken = excluded.taken, revision = excluded.revision;
  return jsonb_build_object('outcome', case when step = 0 then 'unchanged' else 'booked' end,
    'moved', (-step)::text, 'booked', target::text);
end $$;

-- From the grant, what was refunded out of it, the others in draw order; what is missing is a debt.
create or replace function ledger_claw(
  inout account accounts, bought grants, entry entries, amount bigint, out parts jsonb
) language plpgsql as $$
declare
  taken record;
  owed bigint;
begin
  taken := ledger_draw(account, entry, amount, bought.id);
  account := taken.account;
  parts := taken.parts;
  owed := amount - taken.drawn;
  if owed > 0 then
    entry.amount_micro := -owed;
    account := ledger_move(account, entry);
    parts := parts || jsonb_build_array(jsonb_build_array(null, owed));
  end if;
end $$;

-- Back to where it was taken from, the last part first. A debt that was repaid since comes back as a
-- refund grant: its repayment is undone, so that the claw-back of it can be.
create or replace function ledger_unclaw(
  inout account accounts, bought grants, entry entries, state claw_backs, amount bigint, out parts jsonb
) language plpgsql as $$
declare
  piece record;
  returned jsonb := '[]';
  surplus bigint;
  repay entries := entry;
begin
  for piece in
    select b.grant_id, sum(b.returned)::bigint as amount from (
      select t.part->>0 as grant_id, t.n, greatest(0, least((t.part->>1)::bigint, ledger_unclaw.amount
        - sum((t.part->>1)::bigint) over (order by t.n desc) + (t.part->>1)::bigint)) as returned
      from jsonb_array_elements(state.taken) with ordinality t (part, n)
    ) b
    where b.returned > 0
    group by b.grant_id order by b.grant_id nulls first
  loop
    surplus := 0;
    if piece.grant_id is null then
      surplus := greatest(0, piece.amount - account.overdraft_micro);
      if surplus > 0 then
        repay.kind := 'repay';
        repay.amount_micro := -surplus;
        account := ledger_move(account, repay);
      end if;
    end if;
    entry.grant_id := piece.grant_id;
    entry.amount_micro := piece.amount;
    account := ledger_move(account, entry);
    returned := returned || jsonb_build_array(jsonb_build_array(piece.grant_id, piece.amount));
    if surplus > 0 then
      account := ledger_add_grant(account, jsonb_build_object('id', bought.id || ':claw_back:' || state.revision,
        'kind', 'refund', 'amount', surplus, 'priority', bought.priority, 'parent', bought.id,
        'restricted_to', bought.restricted_to, 'source', 'claw_back',
        'source_ref', bought.id || ':' || state.revision, 'actor', entry.actor,
        'reason', 'A claw-back was undone after its debt had been repaid',
        'expires_at', case when bought.expires_at is not null then
          greatest(bought.expires_at, entry.created_at + interval '72 hours') end), entry.created_at);
    end if;
  end loop;
  select coalesce(jsonb_agg(jsonb_build_array(k.grant_id, k.rest) order by k.n), '[]') into parts from (
    select t.part->>0 as grant_id, t.n, (t.part->>1)::bigint - greatest(0, least((t.part->>1)::bigint,
      ledger_unclaw.amount - sum((t.part->>1)::bigint) over (order by t.n desc) + (t.part->>1)::bigint)) as rest
    from jsonb_array_elements(state.taken) with ordinality t (part, n)
  ) k where k.rest > 0;
  account := ledger_repay(account, entry.ref, entry.actor, entry.created_at);
  account := ledger_settle_returns(account, returned, entry.ref, entry.actor,
    'Returned by a dispute that was won, after the grant had expired', entry.created_at);
end $$;
