-- Sets a balance right by hand, once per reference. What is added is a grant; what is taken comes out
-- of the grants in draw order, and never out of more than is available.
--   p: account, id, ref, amount, actor, reason
create or replace function ledger_correct(p jsonb) returns jsonb language plpgsql as $$
declare
  account accounts;
  entry entries;
  at timestamptz;
  entry_ref text := 'correction:' || (p->>'ref');
  asked bigint := (p->>'amount')::bigint;
  known bigint;
  live bigint;
begin
  select * into account from accounts where id = p->>'account' for update;
  if not found then
    raise exception 'no account %', p->>'account' using errcode = 'DG001';
  end if;
  select sum(e.amount_micro) into known from entries e
  where e.account_id = account.id and e.ref = entry_ref and e.kind in ('grant', 'correct')
    and e.hold_id is null;
  if known is not null then
    if known <> asked then
      return ledger_refuse('reference_reused', '{}');
    end if;
    return '{"outcome": "exists"}';
  end if;

  at := ledger_clock(account);
  if asked > 0 then
    if account.state = 'closed' then
      return ledger_refuse('account_closed', '{}');
    end if;
    account := ledger_add_grant(account, p || jsonb_build_object('kind', 'admin',
      'source', 'correction', 'source_ref', p->>'ref'), at);
    account := ledger_repay(account, entry_ref, p->>'actor', at);
  else
    select coalesce(sum(g.remaining_micro), 0) into live from grants g
    where g.account_id = account.id and g.live and (g.expires_at is null or g.expires_at > at);
    if live < -asked then
      return ledger_refuse('insufficient_credits', jsonb_build_object('needed', (-asked)::text,
        'available', live::text, 'held', account.held_micro::text));
    end if;
    account := ledger_expire_due(account, at, 'due');
    entry := ledger_entry(account, 'correct', entry_ref, p->>'actor', p->>'reason', at);
    account := (ledger_draw(account, entry, -asked, null)).account;
  end if;
  perform ledger_save(account);
  return '{"outcome": "corrected"}';
end $$;
