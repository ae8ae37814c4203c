-- Closing an account, and moving all it has to another. No call touches two accounts: a transfer goes
-- out of one and into the other under one reference, and either half may be repeated.

-- Answers the state the account is in now, or nothing where there is no account.
create or replace function ledger_set_state(account_id text, wanted text) returns text
language sql as $$
  update accounts set state = wanted where id = account_id returning state
$$;

-- Takes everything that is available, or the debt, out of an account. What open holds keep stays
-- with them, and goes with another transfer once they have ended.
--   p: account, to, ref, actor, reason
create or replace function ledger_transfer_out(p jsonb) returns jsonb language plpgsql as $$
declare
  account accounts;
  known transfers;
  piece grants;
  entry entries;
  at timestamptz;
  ref text := 'transfer:' || (p->>'ref');
begin
  select * into account from accounts where id = p->>'account' for update;
  if not found then
    raise exception 'no account %', p->>'account' using errcode = 'DG001';
  end if;
  select * into known from transfers t where t.account_id = account.id and t.ref = p->>'ref';
  if found then
    if known.peer_id <> p->>'to' or known.direction <> 'out' then
      return ledger_refuse('reference_reused', '{}');
    end if;
    return jsonb_build_object('outcome', 'exists', 'transfer', ledger_transfer(known));
  end if;

  at := ledger_clock(account);
  account := ledger_expire_due(account, at, 'due');
  if account.available_micro = 0 and account.overdraft_micro = 0 then
    perform ledger_save(account);
    return '{"outcome": "empty"}';
  end if;
  known.account_id := account.id;
  known.ref := p->>'ref';
  known.direction := 'out';
  known.peer_id := p->>'to';
  known.grants := '[]';
  known.debt_micro := account.overdraft_micro;
  known.actor := p->>'actor';
  known.reason := p->>'reason';
  known.created_at := at;
  entry := ledger_entry(account, 'transfer_out', ref, p->>'actor', p->>'reason', at);
  for piece in
    select * from grants g where g.account_id = account.id and g.live
    order by g.priority, g.expires_at nulls last, g.id
  loop
    entry.grant_id := piece.id;
    entry.amount_micro := -piece.remaining_micro;
    account := ledger_move(account, entry);
    known.grants := known.grants || jsonb_build_array(jsonb_build_object('id', piece.id,
      'kind', piece.kind, 'priority', piece.priority, 'amount', piece.remaining_micro,
      'expires_at', piece.expires_at, 'parent', piece.parent_grant_id,
      'restricted_to', piece.restricted_to));
  end loop;
  if account.overdraft_micro > 0 then
    entry.grant_id := null;
    entry.amount_micro := account.overdraft_micro;
    account := ledger_move(account, entry);
  end if;
  insert into transfers select known.*;
  perform ledger_save(account);
  return jsonb_build_object('outcome', 'sent', 'transfer', ledger_transfer(known));
end $$;

-- What the other half has to know.
create or replace function ledger_transfer(known transfers) returns jsonb language sql stable as $$
  select jsonb_build_object('from', known.account_id, 'to', known.peer_id, 'ref', known.ref,
    'grants', known.grants, 'debt', known.debt_micro::text, 'actor', known.actor,
    'reason', known.reason)
$$;

-- The other half. A closed account takes it as well: credit under way must arrive somewhere.
create or replace function ledger_transfer_in(p jsonb) returns jsonb language plpgsql as $$
declare
  account accounts;
  known transfers;
  entry entries;
  item jsonb;
  at timestamptz;
  ref text := 'transfer:' || (p->>'ref');
begin
  select * into account from accounts where id = p->>'to' for update;
  if not found then
    raise exception 'no account %', p->>'to' using errcode = 'DG001';
  end if;
  select * into known from transfers t where t.account_id = account.id and t.ref = p->>'ref';
  if found then
    if known.direction <> 'in' or known.peer_id <> p->>'from' then
      -- To answer that it has arrived would lose it.
      raise exception 'transfer % is another one of %', p->>'ref', account.id using errcode = 'DG013';
    end if;
    return '{"outcome": "exists"}';
  end if;

  at := ledger_clock(account);
  -- A debt that arrives is not repaid by what has expired.
  account := ledger_expire_due(account, at, 'due');
  insert into transfers (account_id, ref, direction, peer_id, grants, debt_micro, actor, reason, created_at)
  values (account.id, p->>'ref', 'in', p->>'from', p->'grants', (p->>'debt')::bigint,
    p->>'actor', p->>'reason', at);
  for item in select jsonb_array_elements(p->'grants') loop
    account := ledger_add_grant(account, item || jsonb_build_object('entry', 'transfer_in',
      'id', (item->>'id') || ':' || (p->>'ref'), 'source', 'transfer',
      'source_ref', (p->>'ref') || ':' || (item->>'id'), 'actor', p->>'actor',
      'reason', p->>'reason'), at);
  end loop;
  if (p->>'debt')::bigint > 0 then
    entry := ledger_entry(account, 'transfer_in', ref, p->>'actor', p->>'reason', at);
    entry.amount_micro := -(p->>'debt')::bigint;
    account := ledger_move(account, entry);
  end if;
  account := ledger_repay(account, ref, p->>'actor', at);
  perform ledger_save(account);
  return '{"outcome": "received"}';
end $$;

create or replace function ledger_transfer_arrived(account_id text, ref text) returns void
language sql as $$
  update transfers t set arrived_at = clock_timestamp()
  where t.account_id = ledger_transfer_arrived.account_id and t.ref = ledger_transfer_arrived.ref
    and t.direction = 'out' and t.arrived_at is null
$$;
