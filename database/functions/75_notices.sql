-- What is new and worth telling about these accounts. Each is written once; only what this call
-- wrote is answered, so that of several processes one tells it, and what a verb wrote (notice_write).
--   low: micro-credits below which a balance is low where the organisation does not say.
create or replace function notice_look(ids text[], low bigint) returns setof notices
language sql as $$
  with found as (
    -- Of the thresholds a budget has passed, the highest is told; those below count as told with it.
    select c.account_id, 'budget_threshold' as type,
      concat_ws(':', c.scope, c.scope_id, c.measure, c."window", t.percent) as subject,
      c.window_start::text as period,
      jsonb_build_object('percent', t.percent, 'scope', c.scope, 'scopeId', c.scope_id,
        'measure', c.measure, 'window', c."window", 'limit', c.max::text, 'used', c.used::text,
        'held', c.held::text) as facts,
      t.percent < max(t.percent) over (
        partition by c.account_id, c.scope, c.scope_id, c.measure, c."window") as is_below
    from counters c
    join (values (50), (80), (100)) t (percent)
      on (c.used + c.held)::numeric * 100 >= c.max::numeric * t.percent
    where c.account_id = any (ids) and c.measure = 'credits' and c.max > 0
      and c.window_end > clock_timestamp() and c.scope <> 'platform'
    union all
    -- Budgets over all accounts, of whatever they count: one that has refused is at its end.
    select 'platform', 'budget_threshold',
      concat_ws(':', 'platform', b.id, b.measure, b."window", t.percent), b.window_start::text,
      jsonb_build_object('percent', t.percent, 'scope', 'platform', 'scopeId', b.id,
        'measure', b.measure, 'window', b."window", 'limit', b.max::text, 'used', b.used::text,
        'held', b.held::text),
      t.percent < max(t.percent) over (partition by b.id, b.measure, b."window")
    from budget_states b
    join (values (50), (80), (100)) t (percent)
      on b.is_exceeded or (b.used + b.held)::numeric * 100 >= b.max::numeric * t.percent
    -- Of those less than half leased, nobody has used half.
    where b.leased >= b.max / 2 and b.open
    union all
    select distinct on (1, 3, 4) r.account_id, 'limit_observed',
      concat_ws(':', x.scope, x."scopeId", x.measure, x."window"), coalesce(x."clearsAt", ''),
      jsonb_build_object('scope', x.scope, 'scopeId', x."scopeId", 'measure', x.measure,
        'window', x."window", 'limit', x."limit"), false
    from refusals r
    cross join lateral jsonb_to_record(r.refusal->'limit') x (scope text, "scopeId" text,
      measure text, "window" text, "limit" text, "clearsAt" text)
    where r.account_id = any (ids) and r.observed and x.scope <> 'platform'
      and r.last_at > clock_timestamp() - interval '1 hour'
    union all
    select a.id, 'balance_low', '', incoming.last::text,
      jsonb_build_object('available', a.available_micro::text, 'below', wanted.below::text), false
    from accounts a
    join organisations o on o.id = a.id
    cross join lateral (select coalesce(o.low_balance_micro, low) as below) wanted
    cross join lateral (
      select max(created_at) as last from grants g where g.account_id = a.id
    ) incoming
    where a.id = any (ids) and a.available_micro < wanted.below and incoming.last is not null
    union all
    select a.id, 'overdraft', '', coalesce((
        select max(created_at)::text from grants g where g.account_id = a.id), ''),
      jsonb_build_object('overdraft', a.overdraft_micro::text), false
    from accounts a where a.id = any (ids) and a.overdraft_micro > 0
    union all
    select l.account_id, 'loss', concat_ws(':', l.job_id, l.attempt, l.kind), '',
      jsonb_build_object('jobId', l.job_id, 'kind', l.kind, 'credits', l.price_micro::text,
        'vendorCostMicroUsd', l.vendor_cost_micro_usd::text), false
    from losses l
    where l.account_id = any (ids) and l.created_at > clock_timestamp() - interval '1 hour'
  ),
  written as (
    insert into notices (account_id, type, subject, period, id, facts, told_at)
    select account_id, type, subject, period, 'ntc_' || replace(gen_random_uuid()::text, '-', ''),
      facts, case when is_below then clock_timestamp() end
    from found
    on conflict do nothing
    returning *
  )
  select * from written where told_at is null
  union all
  select * from notices n where n.account_id = any (ids) and n.type = 'webhook_disabled'
    and n.told_at is null
$$;

-- Something that a verb found worth telling, once by its subject and period. Whoever looks at the account next tells it.
create or replace function notice_write(account text, type text, subject text, period text, facts jsonb)
returns void language sql as $$
  insert into notices (account_id, type, subject, period, id, facts)
  values (account, type, subject, period, 'ntc_' || replace(gen_random_uuid()::text, '-', ''), facts)
  on conflict do nothing
$$;
