-- What outside systems are told. These write rows of webhooks and add jobs; others compose them with
-- what happened, so that a delivery exists if and only if it did.

-- The end of these jobs' generations, for the endpoints that want it and the URLs they brought.
-- Costs a look at each generation and at its account's endpoints where nobody is to be told.
create or replace function webhook_generations_ended(account_ids text[], job_ids text[])
returns void language plpgsql as $$
declare
  happened jsonb;
begin
  select jsonb_agg(jsonb_build_object('account', g.account_id, 'event', 'evt_' || substr(g.id, 5),
    'type', 'generation.' || g.outcome, 'generation', g.id, 'at', g.finished_at,
    'url', g.webhook_url)) into happened
  from unnest(account_ids, job_ids) j (account_id, job_id)
  join generations g on g.account_id = j.account_id and g.job_id = j.job_id
  where g.webhook_url is not null
    or exists (select from webhook_endpoints e where e.account_id = g.account_id
      and e.deleted_at is null);
  if happened is not null then perform webhook_raise(happened); end if;
end $$;

-- Writes what happened to whoever wants to be told, with the jobs that tell it. An event that was
-- raised before changes nothing. Endpoints are locked first, as their events are numbered without
-- gaps; whose endpoint is locked by somebody else is not waited for, because credits may be settled in
-- this transaction: that event has the number 0 until its job gives it one.
--   happened: [{ account, event, type, generation | facts, at, url, endpoint, is_test }]
create or replace function webhook_raise(happened jsonb) returns setof text language plpgsql as $$
declare
  written text[];
  locked text[];
begin
  select array_agg(e.id) into locked from (
    select e.id from webhook_endpoints e
    where e.account_id in (select h->>'account' from jsonb_array_elements(happened) h)
      and e.deleted_at is null
    order by e.account_id, e.id for no key update skip locked
  ) e;

  with told as (
    select * from rows from (jsonb_to_recordset(happened) as (account text, event text, type text,
        generation text, facts jsonb, at timestamptz, url text, endpoint text, is_test boolean))
      with ordinality t (account, event, type, generation, facts, at, url, endpoint, is_test, n)
  ),
  wanted as (
    select t.*, e.id as endpoint_id, null as own_url, e.api_version, e.seq, n.is_ours,
      -- Its job numbers it, and skips it where the endpoint is disabled.
      not n.is_ours or e.disabled_because is null or coalesce(t.is_test, false) as is_due
    from told t join webhook_endpoints e on e.account_id = t.account and e.deleted_at is null,
      lateral (select coalesce(e.id = any (locked), false) as is_ours) n
    where case when t.endpoint is not null then e.id = t.endpoint
      else e.events && array['*', t.type, split_part(t.type, '.', 1) || '.*'] end
    union all
    select t.*, null, t.url, null, 0, true, true from told t where t.url is not null
  ),
  numbered as (
    select w.*, case when w.is_ours then w.seq
        + row_number() over (partition by w.account, w.endpoint_id order by w.n) else 0 end as number,
      right(replace(gen_random_uuid()::text, '-', ''), 13) as chance,
      substr(w.event, 5, 13) as time_of_event
    from wanted w
    where not exists (select from webhook_deliveries d where d.account_id = w.account
      and d.event_id = w.event and coalesce(d.endpoint_id, '') = coalesce(w.endpoint_id, ''))
  ),
  counted as (
    update webhook_endpoints e set seq = l.number
    from (select account, endpoint_id, max(number) as number from numbered
      where endpoint_id is not null and is_ours group by account, endpoint_id) l
    where e.account_id = l.account and e.id = l.endpoint_id
  ),
  delivered as (
    insert into webhook_deliveries (account_id, id, endpoint_id, url, event_id, type, generation_id,
      facts, api_version, seq, occurred_at, state, is_test, job_id, next_at)
    select account, 'whd_' || time_of_event || chance, endpoint_id, own_url, event, type, generation,
      facts, api_version, case when endpoint_id is null then 1 else number end, at,
      case when is_due then 'pending' else 'skipped' end, coalesce(is_test, false),
      case when is_due then 'job_' || time_of_event || chance end,
      case when is_due then clock_timestamp() end
    from numbered
    on conflict do nothing
    returning account_id, id, job_id
  ),
  listed as (select array_agg(id order by id) as ids, jsonb_agg(webhook_job(account_id, id, job_id))
    filter (where job_id is not null) as jobs from delivered)
  select ids into written from listed, lateral (select count(*) from job_add(coalesce(jobs, '[]'))) added;
  return query select unnest(written);
end $$;

-- The number of a delivery among those of its endpoint, given now where it was not when it was written.
create or replace function webhook_number(account text, delivery text) returns bigint
language plpgsql as $$
declare
  numbered webhook_deliveries;
begin
  select * into numbered from webhook_deliveries
  where account_id = account and id = delivery for no key update;
  if numbered.seq > 0 or numbered.endpoint_id is null then return numbered.seq; end if;
  update webhook_endpoints set seq = seq + 1
  where account_id = account and id = numbered.endpoint_id returning seq into numbered.seq;
  update webhook_deliveries set seq = numbered.seq where account_id = account and id = delivery;
  return numbered.seq;
end $$;

-- The job that tells a delivery, as `job_add` takes it. Whatever keeps the workers away, it is told later.
create or replace function webhook_job(account text, delivery text, job text) returns jsonb
language sql volatile as $$
  select jsonb_build_object('account', account, 'id', job, 'kind', 'webhook',
    'payload', jsonb_build_object('delivery', delivery), 'max_attempts', 1000,
    'deadline', clock_timestamp() + interval '30 days')
$$;

-- What came of a try. An endpoint that failed for too long, or says that it is gone, is disabled.
-- Answers the state, or 'stale' where the delivery was ended or given to another job since.
--   p: account, delivery, job, at, url, status, error, response, duration_ms, state, next_at, is_gone,
--      disable_after (seconds)
create or replace function webhook_record(p jsonb) returns text language plpgsql as $$
declare
  delivery webhook_deliveries;
  endpoint webhook_endpoints;
  tried_at timestamptz := (p->>'at')::timestamptz;
  because text;
begin
  select * into delivery from webhook_deliveries
  where account_id = p->>'account' and id = p->>'delivery' for no key update;
  if delivery.state is distinct from 'pending' or delivery.job_id <> p->>'job' then
    return 'stale';
  end if;
  insert into webhook_attempts (account_id, delivery_id, n, url, status, error, response, duration_ms,
    created_at)
  values (delivery.account_id, delivery.id, delivery.attempts + 1, p->>'url', (p->>'status')::integer,
    p->>'error', p->>'response', (p->>'duration_ms')::integer, tried_at);
  update webhook_deliveries set state = p->>'state', attempts = attempts + 1,
    next_at = (p->>'next_at')::timestamptz,
    finished_at = case p->>'state' when 'pending' then null else tried_at end
  where account_id = delivery.account_id and id = delivery.id;

  if delivery.endpoint_id is null or delivery.is_test then return p->>'state'; end if;
  if p->>'state' = 'delivered' then
    update webhook_endpoints set failing_since = null
    where account_id = delivery.account_id and id = delivery.endpoint_id and failing_since is not null;
    return p->>'state';
  end if;
  select * into endpoint from webhook_endpoints
  where account_id = delivery.account_id and id = delivery.endpoint_id for no key update;
  because := case when (p->>'is_gone')::boolean then 'gone'
    when endpoint.failing_since
      <= tried_at - (p->>'disable_after')::integer * interval '1 second' then 'failing' end;
  update webhook_endpoints set failing_since = coalesce(failing_since, tried_at),
    disabled_because = coalesce(disabled_because, because),
    disabled_at = coalesce(disabled_at, case when because is not null then tried_at end)
  where account_id = endpoint.account_id and id = endpoint.id
    and (failing_since is null or (disabled_because is null and because is not null));
  if because is not null and endpoint.disabled_because is null and endpoint.deleted_at is null then
    perform notice_write(endpoint.account_id, 'webhook_disabled', endpoint.id, tried_at::text,
      jsonb_build_object('endpointId', endpoint.id, 'url', endpoint.url, 'because', because,
        'failingSince', coalesce(endpoint.failing_since, tried_at)));
  end if;
  return p->>'state';
end $$;

-- Sends deliveries again from their first try on, each by a new job: what is still to come of an
-- older one is void. Bodies are made anew, because the URLs in them have died. Oldest first.
--   p: account, delivery | endpoint with from, to, states[], after_seq, limit
create or replace function webhook_replay(p jsonb) returns table (id text, seq bigint)
language sql as $$
  with chosen as materialized (
    select d.account_id, d.id, d.seq, gen_random_uuid() as chance from webhook_deliveries d
    where d.account_id = p->>'account'
      and case when p->>'delivery' is not null then d.id = p->>'delivery'
        else d.endpoint_id = p->>'endpoint' and not d.is_test
          and d.created_at >= (p->>'from')::timestamptz and d.created_at < (p->>'to')::timestamptz
          and d.state in (select jsonb_array_elements_text(p->'states'))
          and d.seq > (p->>'after_seq')::bigint end
    order by d.seq limit (p->>'limit')::integer
    for no key update of d
  ),
  again as (
    update webhook_deliveries d set state = 'pending', body = null, replayed_at = clock_timestamp(),
      next_at = clock_timestamp(), finished_at = null, attempts_before = d.attempts,
      job_id = 'job_' || substr(c.id, 5, 13) || right(replace(c.chance::text, '-', ''), 13)
    from chosen c where d.account_id = c.account_id and d.id = c.id
    returning d.account_id, d.id, d.seq, d.job_id
  ),
  added as (
    select count(*) from job_add((select coalesce(jsonb_agg(webhook_job(account_id, again.id, job_id)), '[]')
      from again))
  )
  select again.id, again.seq from again, added order by again.seq
$$;

-- Forgets what was told of a generation that its owner deleted. What is still to be told is made anew.
create or replace function webhook_forget(account text, generation text) returns void language sql as $$
  update webhook_deliveries set body = null
  where account_id = account and generation_id = generation and body is not null
$$;
