-- Adds credits. The pair (source, source_ref) is unique per account, so a replay adds nothing.
--   p: account, id, kind, amount, priority, expires_at, restricted_to, source, source_ref, actor, reason
create or replace function ledger_grant(p jsonb) returns jsonb language plpgsql as $$
declare
  account accounts;
  known text;
  at timestamptz;
begin
  select * into account from accounts where id = p->>'account' for update;
  if not found then
    raise exception 'no account %', p->>'account' using errcode = 'DG001';
  end if;
  select id into known from grants
  where account_id = account.id and source = p->>'source' and source_ref = p->>'source_ref';
  if found then
    return jsonb_build_object('outcome', 'exists', 'grant_id', known);
  end if;
  if account.state = 'closed' then
    raise exception 'account % is closed', account.id using errcode = 'DG011';
  end if;

  at := ledger_clock(account);
  if (p->>'expires_at')::timestamptz <= at then
    raise exception 'the grant would have expired at %', p->>'expires_at' using errcode = 'DG012';
  end if;
  account := ledger_add_grant(account, p, at);
  if account.overdraft_micro > 0 then
    account := ledger_repay(account, (p->>'source') || ':' || (p->>'source_ref'), p->>'actor', at);
  end if;
  perform ledger_save(account);
  return jsonb_build_object('outcome', 'granted', 'grant_id', p->>'id');
end $$;

-- Writes a grant with its entry and note. The caller holds the lock and saves.
create or replace function ledger_add_grant(account accounts, p jsonb, at timestamptz)
returns accounts language plpgsql as $$
declare
  entry entries;
  salt bytea := uuid_send(gen_random_uuid());
  amount bigint := (p->>'amount')::bigint;
begin
  insert into grants (account_id, id, kind, priority, amount_micro, remaining_micro,
    expires_at, parent_grant_id, restricted_to, source, source_ref, created_at)
  values (account.id, p->>'id', p->>'kind', coalesce((p->>'priority')::smallint, 50), amount,
    amount, (p->>'expires_at')::timestamptz, p->>'parent', nullif(p->'restricted_to', 'null'),
    p->>'source', p->>'source_ref', at);
  insert into entry_notes (account_id, id, salt, reason)
  values (account.id, p->>'id', salt, p->>'reason');

  account.available_micro := account.available_micro + amount;
  entry.kind := coalesce(p->>'entry', 'grant');
  entry.amount_micro := amount;
  entry.grant_id := p->>'id';
  entry.ref := (p->>'source') || ':' || (p->>'source_ref');
  entry.actor := p->>'actor';
  entry.note_id := p->>'id';
  entry.reason_digest := sha256(salt || convert_to(p->>'reason', 'UTF8'));
  entry.created_at := at;
  return ledger_append(account, entry);
end $$;

-- Opens an account. A second call changes nothing.
create or replace function ledger_open(account_id text, zone text) returns void
language sql as $$
  insert into accounts (id, timezone) values (account_id, zone) on conflict do nothing
$$;

-- Expires what is due on one account, on its own. Answers how many grants ended.
create or replace function ledger_expire_grants(account_id text) returns bigint
language plpgsql as $$
declare
  account accounts;
  before bigint;
begin
  select * into account from accounts where id = account_id for update;
  if not found then return 0; end if;
  before := account.seq;
  account := ledger_expire_due(account, ledger_clock(account), 'due');
  if account.seq > before then perform ledger_save(account); end if;
  return account.seq - before;
end $$;
