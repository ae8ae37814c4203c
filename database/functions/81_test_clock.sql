-- Moves the clock of a test account ahead, with all that its time decides: windows, expiries, the
-- resets of its plan. Leases and deadlines of jobs stay on real time.
--   p: account, to
create or replace function ledger_advance_clock(p jsonb) returns jsonb language plpgsql as $$
declare
  account accounts;
  here timestamptz;
  wanted timestamptz := p->>'to';
begin
  select * into account from accounts where id = p->>'account' for update;
  if not found then
    raise exception 'no account %', p->>'account' using errcode = 'DG001';
  end if;
  here := ledger_clock(account);
  if account.id not like 'tst\_%' then
    return jsonb_build_object('outcome', 'live', 'at', here);
  end if;
  if wanted <= here then
    return jsonb_build_object('outcome', 'past', 'at', here);
  end if;
  if wanted > clock_timestamp() + interval '10 years' then
    return jsonb_build_object('outcome', 'too_far', 'at', here);
  end if;
  account.clock_offset := make_interval(secs => extract(epoch from wanted - clock_timestamp()));
  update accounts set clock_offset = account.clock_offset where id = account.id;
  here := ledger_clock(account);
  perform ledger_save(ledger_expire_due(account, here, 'due'));
  return jsonb_build_object('outcome', 'advanced', 'at', here);
end $$;
