-- What was recorded of attempts at providers, in lines that can be added up: each event that is kept
-- as one, and what was sealed of the dropped ones. Every total that is told is read from here.
create or replace view usage_recorded as
  select account_id, user_id, key_id, end_user, provider, model, kind, status, 1::bigint as attempts,
    price_micro, vendor_cost_micro_usd, duration_ms, created_at
  from usage_events
union all
  select account_id, user_id, key_id, end_user, provider, model, kind, status, attempts,
    price_micro, vendor_cost_micro_usd, duration_ms, quarter
  from usage_totals;

-- What came for a month without a partition gets one of its own, once the month has begun. Those to
-- come are a test clock's, and wait.
create or replace function usage_adopt() returns void language plpgsql as $$
declare
  lost date;
begin
  for lost in
    select distinct date_trunc('month', job_created_at at time zone 'UTC')::date
    from usage_events_default where job_created_at < now()
  loop
    perform usage_add_partition(lost);
  end loop;
end $$;

-- The monthly partitions there are that are older than `keep` whole months, oldest first, and why one
-- cannot be dropped.
create or replace function usage_prunable(keep integer)
returns table (month date, events bigint, bytes bigint, blocked text) language plpgsql as $$
declare
  oldest date := (date_trunc('month', now() at time zone 'UTC') - keep * interval '1 month')::date;
begin
  for month, bytes in
    select to_date(right(c.relname, 7), 'YYYY_MM'), pg_total_relation_size(c.oid)
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'usage_events'::regclass and c.relname ~ '^usage_events_\d{4}_\d{2}$'
      and to_date(right(c.relname, 7), 'YYYY_MM') < oldest
    order by 1
  loop
    execute format('select count(*) from %I', usage_partition_name(month)) into events;
    blocked := usage_blocked(month);
    return next;
  end loop;
end $$;

-- Why a month cannot be sealed yet: it is not over, or a job of it may still record something.
create or replace function usage_blocked(month date) returns text language sql stable as $$
  select case
    when (month + interval '1 month') at time zone 'UTC' > clock_timestamp() then 'the month is not over'
    when exists (select 1 from holds h where h.state = 'held'
      and h.created_at >= month::timestamp at time zone 'UTC'
      and h.created_at < (month + interval '1 month') at time zone 'UTC') then 'a hold of it is open'
    when exists (select 1 from jobs j where j.state in ('queued', 'running')
      and j.created_at >= month::timestamp at time zone 'UTC'
      and j.created_at < (month + interval '1 month') at time zone 'UTC') then 'a job of it is open'
  end
$$;

-- Seals the totals of a month and drops its events, or neither. Events that came since they were
-- counted (`expected`) keep it: an archive would lack them.
create or replace function usage_seal(month date, expected bigint) returns jsonb language plpgsql as $$
declare
  name text := usage_partition_name(month);
  reason text;
  counted bigint;
begin
  perform pg_advisory_xact_lock(7340219004);
  if not usage_has_partition(month) then
    return jsonb_build_object('outcome', 'missing');
  end if;
  -- Readers go on; nothing is added to it from here on.
  execute format('lock table %I in share mode', name);
  reason := usage_blocked(month);
  if reason is not null then
    return jsonb_build_object('outcome', 'blocked', 'reason', reason);
  end if;
  execute format('select count(*) from %I', name) into counted;
  if counted <> expected then
    return jsonb_build_object('outcome', 'blocked', 'reason', 'events were added meanwhile');
  end if;
  execute format($seal$
    insert into usage_totals as t (account_id, month, quarter, provider, model, kind, status,
      user_id, key_id, end_user, attempts, price_micro, vendor_cost_micro_usd, duration_ms)
    select account_id, %L::date, date_bin('15 minutes', created_at, 'epoch'), provider, model, kind,
      status, user_id, key_id, end_user, count(*), sum(price_micro), sum(vendor_cost_micro_usd),
      sum(duration_ms)
    from %I group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
    on conflict (account_id, month, quarter, provider, model, kind, status, user_id, key_id, end_user)
    do update set attempts = t.attempts + excluded.attempts,
      price_micro = t.price_micro + excluded.price_micro,
      vendor_cost_micro_usd = t.vendor_cost_micro_usd + excluded.vendor_cost_micro_usd,
      duration_ms = t.duration_ms + excluded.duration_ms
  $seal$, month, name);
  insert into usage_seals as s (month, events) values (usage_seal.month, counted)
  on conflict on constraint usage_seals_pkey do update set events = s.events + excluded.events;
  execute format('drop table %I', name);
  return jsonb_build_object('outcome', 'sealed', 'events', counted);
end $$;

-- Forgets idempotency keys older than 30 days, at most n of those that started a generation and n of
-- those that opened a hold. Answers how many.
create or replace function ledger_forget_keys(n integer) returns bigint language sql as $$
  with old as (
    select account_id, key from idempotency_keys
    where created_at < clock_timestamp() - interval '30 days'
    order by created_at limit n
    for update skip locked
  ),
  gone as (
    delete from idempotency_keys k using old
    where k.account_id = old.account_id and k.key = old.key returning 1
  ),
  old_holds as (
    select account_id, id from direct_holds
    where idempotency_key is not null and created_at < clock_timestamp() - interval '30 days'
    order by created_at limit n
    for update skip locked
  ),
  freed as (
    update direct_holds d set idempotency_key = null, request_hash = null from old_holds o
    where d.account_id = o.account_id and d.id = o.id returning 1
  )
  select (select count(*) from gone) + (select count(*) from freed)
$$;
