-- Gives back some of what a settled hold cost, once per reference. The slice that was drawn last comes
-- back first, to the grant it came from; all refunds of a hold together are at most its cost.
--   p: account, hold, ref, amount, actor, reason
create or replace function ledger_refund(p jsonb) returns jsonb language plpgsql as $$
declare
  hold holds;
  account accounts;
  known refunds;
  entry entries;
  at timestamptz;
  entry_ref text := 'refund:' || (p->>'ref');
  asked bigint := (p->>'amount')::bigint;
  refunded bigint;
  piece record;
  parts jsonb := '[]';
  before bigint;
begin
  select * into hold from holds where account_id = p->>'account' and id = p->>'hold' for update;
  select * into account from accounts where id = p->>'account' for update;
  if not found then
    raise exception 'no account %', p->>'account' using errcode = 'DG001';
  end if;
  select * into known from refunds r where r.account_id = account.id and r.ref = p->>'ref';
  if found then
    if known.hold_id <> p->>'hold' or known.amount_micro <> asked then
      return ledger_refuse('reference_reused', '{}');
    end if;
    return jsonb_build_object('outcome', 'exists');
  end if;
  if hold.id is null then
    return ledger_refuse('hold_missing', '{}');
  end if;
  if hold.state <> 'settled' then
    return ledger_refuse('hold_not_settled', jsonb_build_object('state', hold.state));
  end if;
  select coalesce(sum(r.amount_micro), 0) into refunded from refunds r
  where r.account_id = account.id and r.hold_id = hold.id;
  if asked > hold.cost_micro - refunded then
    return ledger_refuse('refund_exceeds_cost', jsonb_build_object(
      'cost', hold.cost_micro::text, 'refunded', refunded::text));
  end if;

  at := ledger_clock(account);
  account := ledger_expire_due(account, at, 'due');
  entry := ledger_entry(account, 'refund', entry_ref, p->>'actor', p->>'reason', at);
  entry.hold_id := hold.id;
  insert into refunds (account_id, ref, hold_id, amount_micro, actor, created_at)
  values (account.id, p->>'ref', hold.id, asked, p->>'actor', at);

  for piece in
    with paid as (
      select s.slice->>0 as grant_id, s.position, greatest(0, least((s.slice->>1)::bigint,
        hold.cost_micro - sum((s.slice->>1)::bigint) over (order by s.position)
          + (s.slice->>1)::bigint)) as amount
      from jsonb_array_elements(hold.slices) with ordinality s (slice, position)
    ),
    -- Counted from the last that was drawn: what earlier refunds gave back, then this one's.
    backwards as (
      select paid.*, sum(paid.amount) over (order by position desc) - paid.amount as later from paid
    )
    select b.grant_id, (greatest(0, least(b.amount, refunded + asked - b.later))
      - greatest(0, least(b.amount, refunded - b.later)))::bigint as amount
    from backwards b order by b.position desc
  loop
    continue when piece.amount = 0;
    entry.grant_id := piece.grant_id;
    entry.amount_micro := piece.amount;
    account := ledger_move(account, entry);
    parts := parts || jsonb_build_array(jsonb_build_array(piece.grant_id, piece.amount));
  end loop;

  account := ledger_repay(account, entry_ref, p->>'actor', at);
  before := account.available_micro;
  account := ledger_settle_returns(account, parts, entry_ref, p->>'actor',
    'Refunded after the grant had expired', at);
  perform ledger_save(account);
  return jsonb_build_object('outcome', 'refunded',
    'expired', (before - account.available_micro)::text);
end $$;
