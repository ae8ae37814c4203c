-- Ends a hold, once. Whoever comes second gets the first result.
--   settle: the user pays least(cost, hold); the rest of each slice goes back to its grant.
--   release, expire: everything goes back.
-- The caller holds the job's lock; hold, account and grants are locked here in that order.
--   p: account, hold, state ('settled'|'released'|'expired'), cost, measures{}, keep_expired
create or replace function ledger_resolve(p jsonb) returns jsonb language plpgsql as $$
declare
  hold holds;
  account accounts;
  grant_row grants;
  at timestamptz;
  charged bigint;
  unpaid bigint;
  part bigint;
  slice jsonb;
  entry entries;
begin
  select * into hold from holds
  where account_id = p->>'account' and id = p->>'hold' for update;
  if not found then
    return jsonb_build_object('outcome', 'missing', 'charged', 0, 'held', 0);
  end if;
  if hold.state <> 'held' then
    return jsonb_build_object('outcome', 'resolved', 'state', hold.state,
      'charged', coalesce(hold.cost_micro, 0), 'held', hold.amount_micro);
  end if;
  select * into account from accounts where id = hold.account_id for update;
  at := ledger_clock(account);
  charged := case p->>'state' when 'settled' then least((p->>'cost')::bigint, hold.amount_micro) else 0 end;
  unpaid := charged;
  account.held_micro := account.held_micro - hold.amount_micro;
  account.available_micro := account.available_micro + hold.amount_micro - charged;

  for slice in select jsonb_array_elements(hold.slices) loop
    part := least(unpaid, (slice->>1)::bigint);
    unpaid := unpaid - part;
    update grants set
      held_micro = held_micro - (slice->>1)::bigint,
      remaining_micro = remaining_micro + (slice->>1)::bigint - part
    where account_id = account.id and id = slice->>0
    returning * into grant_row;
    if part > 0 then
      entry := null;
      entry.kind := 'consume';
      entry.amount_micro := -part;
      entry.grant_id := grant_row.id;
      entry.hold_id := hold.id;
      entry.actor := coalesce(p->>'actor', 'system:settle');
      entry.created_at := at;
      -- The running balance counts what earlier slices of this hold still owe as spent only
      -- once their own entry is written.
      account.available_micro := account.available_micro + unpaid;
      account := ledger_append(account, entry);
      account.available_micro := account.available_micro - unpaid;
    end if;
  end loop;
  if account.overdraft_micro > 0 then
    account := ledger_repay(account, hold.id, coalesce(p->>'actor', 'system:settle'), at);
  end if;
  account := ledger_return_expired(account, hold, charged, at, coalesce((p->>'keep_expired')::boolean, false));
  perform ledger_save(account);

  update counters c set
    held = c.held - (n.pin->>5)::bigint,
    used = c.used + case n.pin->>2 when 'credits' then charged when 'concurrency' then 0
      else least(coalesce((p->'measures'->>(n.pin->>2))::bigint, 0), (n.pin->>5)::bigint) end
  from jsonb_array_elements(hold.counters) n (pin)
  where c.account_id = account.id and c.scope = n.pin->>0 and c.scope_id = n.pin->>1
    and c.measure = n.pin->>2 and c."window" = n.pin->>3
    and c.window_start = (n.pin->>4)::timestamptz;
  update holds set state = p->>'state', resolved_at = at,
    cost_micro = case p->>'state' when 'settled' then charged end
  where account_id = hold.account_id and id = hold.id;
  return jsonb_build_object('outcome', 'now', 'state', p->>'state', 'charged', charged,
    'held', hold.amount_micro, 'at', at);
end $$;

-- Credit that came back to a grant whose time has passed. It expires at once, as it would have
-- without the hold; after a failure that was not the user's, it lives on for at least 72 hours
-- as a refund grant, once per chain.
create or replace function ledger_return_expired(
  account accounts, hold holds, charged bigint, at timestamptz, keep boolean)
returns accounts language plpgsql as $$
declare
  dead grants;
  back record;
begin
  if not exists (select 1 from grants
    where account_id = account.id and live and expires_at <= at) then
    return account;
  end if;
  for back in
    select s.grant_id,
      -- Of the slice, less what was paid from it. What else is left had expired without this hold.
      (s.amount - greatest(0, least(s.amount, charged - s.before)))::bigint as returned
    from (
      select slice->>0 as grant_id, (slice->>1)::bigint as amount,
        sum((slice->>1)::bigint) over (order by position) - (slice->>1)::bigint as before
      from jsonb_array_elements(hold.slices) with ordinality x (slice, position)
    ) s
    where keep
  loop
    select * into dead from grants
    where account_id = account.id and id = back.grant_id and live and expires_at <= at;
    if found then
      -- Less than came back, where some of it has repaid a debt.
      account := ledger_live_on(account, dead, least(back.returned, dead.remaining_micro),
        'expired_hold', hold.id, 'system:release',
        'Returned by a failed generation after the grant had expired', at);
    end if;
  end loop;
  return ledger_expire_due(account, at, hold.id);
end $$;
