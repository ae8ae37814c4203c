-- Length-prefixed bytes of a text that may be missing, for the hash of an entry.
create or replace function ledger_bytes(value text) returns bytea
language sql immutable parallel safe as $$
  select case when value is null then int4send(-1)
    else int4send(octet_length(value)) || convert_to(value, 'UTF8') end
$$;

-- The fixed encoding of an entry, chained to the one before it. No personal data: the
-- reason enters as a salted digest of a note that can be erased.
--
-- Each text is written out as ledger_bytes has it: a function for each would cost ten times the hash.
create or replace function ledger_entry_hash(head bytea, e entries) returns bytea
language plpgsql immutable parallel safe as $$
begin
  return sha256(
    head
    || coalesce(int4send(octet_length(e.account_id)) || convert_to(e.account_id, 'UTF8'), int4send(-1))
    || int8send(e.seq)
    || coalesce(int4send(octet_length(e.kind)) || convert_to(e.kind, 'UTF8'), int4send(-1))
    || int8send(e.amount_micro) || int8send(e.balance_after_micro)
    || coalesce(int4send(octet_length(e.grant_id)) || convert_to(e.grant_id, 'UTF8'), int4send(-1))
    || coalesce(int4send(octet_length(e.hold_id)) || convert_to(e.hold_id, 'UTF8'), int4send(-1))
    || coalesce(int4send(octet_length(e.ref)) || convert_to(e.ref, 'UTF8'), int4send(-1))
    || coalesce(int4send(octet_length(e.actor)) || convert_to(e.actor, 'UTF8'), int4send(-1))
    || coalesce(int4send(octet_length(encode(e.reason_digest, 'hex')))
      || convert_to(encode(e.reason_digest, 'hex'), 'UTF8'), int4send(-1))
    || int8send((extract(epoch from e.created_at) * 1000000)::bigint));
end $$;

drop aggregate if exists ledger_chain(bytea, entries);
drop function if exists ledger_chain_next(bytea, bytea, entries);

-- Micro-credits as the decimal string that clients read.
create or replace function credits_text(micro bigint) returns text
language sql immutable parallel safe as $$
  select trim_scale(micro::numeric / 1000000)::text
$$;

-- Never now(): a transaction that waited for the lock would write a stale time. Never
-- before the last entry either, so that an account's history reads in order. The one place for the
-- time of an account: that of a test account can be ahead (81_test_clock.sql).
create or replace function ledger_clock(account accounts) returns timestamptz
language sql volatile as $$
  select greatest(clock_timestamp() + account.clock_offset, account.last_entry_at)
$$;

-- Appends one entry and answers with the account as it stands then. The caller holds the
-- account's lock and writes the account row when it is done with all entries.
create or replace function ledger_append(account accounts, entry entries) returns accounts
language plpgsql as $$
begin
  account.seq := account.seq + 1;
  entry.account_id := account.id;
  entry.seq := account.seq;
  entry.balance_after_micro :=
    account.available_micro + account.held_micro - account.overdraft_micro;
  entry.hash := ledger_entry_hash(account.head_hash, entry);
  insert into entries select entry.*;
  account.head_hash := entry.hash;
  account.last_entry_at := entry.created_at;
  return account;
end $$;

create or replace function ledger_save(account accounts) returns void
language sql as $$
  update accounts set
    available_micro = account.available_micro, held_micro = account.held_micro,
    overdraft_micro = account.overdraft_micro, seq = account.seq,
    head_hash = account.head_hash, last_entry_at = account.last_entry_at
  where id = account.id
$$;

-- Expires what is left of every grant whose time has come. The caller holds the lock and saves.
create or replace function ledger_expire_due(account accounts, at timestamptz, ref text)
returns accounts language plpgsql as $$
declare
  due record;
  entry entries;
begin
  for due in
    select id, remaining_micro from grants
    where account_id = account.id and live and expires_at <= at
    order by id
  loop
    update grants set remaining_micro = 0 where account_id = account.id and id = due.id;
    account.available_micro := account.available_micro - due.remaining_micro;
    entry.kind := 'expire';
    entry.amount_micro := -due.remaining_micro;
    entry.grant_id := due.id;
    entry.ref := ledger_expire_due.ref;
    entry.actor := 'system:expiry';
    entry.created_at := at;
    account := ledger_append(account, entry);
  end loop;
  return account;
end $$;
