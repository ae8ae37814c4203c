-- What the verbs that move posted credits are made of. The caller of each holds the account's lock,
-- has brought its expiries up to date, and saves the account when it is done.

-- Puts credits into what a grant has left, or takes them out of it, with one entry. An entry without
-- a grant moves the debt: what comes in repays it, what goes out adds to it.
create or replace function ledger_move(account accounts, entry entries) returns accounts
language plpgsql as $$
begin
  if entry.grant_id is null then
    account.overdraft_micro := account.overdraft_micro - entry.amount_micro;
  else
    update grants set remaining_micro = remaining_micro + entry.amount_micro
    where account_id = account.id and id = entry.grant_id;
    account.available_micro := account.available_micro + entry.amount_micro;
  end if;
  return ledger_append(account, entry);
end $$;

-- The entry that those of one verb have in common, with its reason as a digest of an erasable note.
create or replace function ledger_entry(
  account accounts, kind text, ref text, actor text, reason text, at timestamptz
) returns entries language plpgsql as $$
declare
  entry entries;
  salt bytea := uuid_send(gen_random_uuid());
begin
  entry.kind := kind;
  entry.ref := ref;
  entry.actor := actor;
  entry.created_at := at;
  if reason is not null then
    insert into entry_notes (account_id, id, salt, reason) values (account.id, ref, salt, reason);
    entry.note_id := ref;
    entry.reason_digest := sha256(salt || convert_to(reason, 'UTF8'));
  end if;
  return entry;
end $$;

-- Draws at most `wanted` in draw order, whatever the grants are restricted to. A grant that is
-- named gives first, then what was refunded out of it. Answers what each gave.
create or replace function ledger_draw(
  inout account accounts, entry entries, wanted bigint, first text, out parts jsonb, out drawn bigint
) language plpgsql as $$
declare
  piece record;
  part bigint;
begin
  parts := '[]';
  drawn := 0;
  for piece in
    select id, remaining_micro from grants
    where account_id = account.id and live
    order by (id = first) is true desc, (parent_grant_id = first) is true desc,
      priority, expires_at nulls last, id
  loop
    part := least(wanted - drawn, piece.remaining_micro);
    exit when part = 0;
    entry.grant_id := piece.id;
    entry.amount_micro := -part;
    account := ledger_move(account, entry);
    parts := parts || jsonb_build_array(jsonb_build_array(piece.id, part));
    drawn := drawn + part;
  end loop;
end $$;

-- Every return of credit repays what is owed first: out of the grants that have it now, in draw
-- order. Two entries, one for each side, which sum to nothing.
create or replace function ledger_repay(account accounts, ref text, actor text, at timestamptz)
returns accounts language plpgsql as $$
declare
  entry entries;
  repaid record;
begin
  if account.overdraft_micro = 0 or account.available_micro = 0 then
    return account;
  end if;
  entry := ledger_entry(account, 'repay', ref, actor, null, at);
  repaid := ledger_draw(account, entry, account.overdraft_micro, null);
  entry.amount_micro := repaid.drawn;
  return ledger_move(repaid.account, entry);
end $$;

-- Credit that came back to a grant whose time has passed lives on for at least 72 hours as a refund
-- grant, once per chain. The caller expires the dead grant after it.
create or replace function ledger_live_on(
  account accounts, dead grants, amount bigint, source text, source_ref text, actor text,
  reason text, at timestamptz
) returns accounts language plpgsql as $$
begin
  if dead.parent_grant_id is not null or amount <= 0 then
    return account;
  end if;
  return ledger_add_grant(account, jsonb_build_object('id', dead.id || ':' || source_ref,
    'kind', 'refund', 'amount', amount, 'priority', dead.priority, 'parent', dead.id,
    'restricted_to', dead.restricted_to, 'source', source,
    'source_ref', dead.id || ':' || source_ref, 'actor', actor, 'reason', reason,
    'expires_at', greatest(dead.expires_at, at + interval '72 hours')), at);
end $$;

-- The same for parts [[grant id, amount]] that came back by one verb, as far as they have not
-- repaid a debt. What does not live on expires at once.
create or replace function ledger_settle_returns(
  account accounts, parts jsonb, ref text, actor text, reason text, at timestamptz
) returns accounts language plpgsql as $$
declare
  part jsonb;
  dead grants;
begin
  for part in select jsonb_array_elements(parts) loop
    select * into dead from grants
    where account_id = account.id and id = part->>0 and live and expires_at <= at;
    if found then
      account := ledger_live_on(account, dead, least((part->>1)::bigint, dead.remaining_micro),
        'returned', ref, actor, reason, at);
    end if;
  end loop;
  return ledger_expire_due(account, at, ref);
end $$;
