-- Batches. These write rows of batches, add jobs and raise events; credits move in the starts of their items.

-- A new job that looks after a batch, due then; what is still to come of an older one is void.
create or replace function batch_call(account text, batch text, at timestamptz, idle integer)
returns void language plpgsql as $$
declare
  job text := 'job_' || substr(batch, 5, 13) || right(replace(gen_random_uuid()::text, '-', ''), 13);
begin
  update batches set job_id = job, look_at = at
  where account_id = account and id = batch and state in ('running', 'paused');
  if not found then return; end if;
  perform job_add(jsonb_build_array(jsonb_build_object('account', account, 'id', job,
    'kind', 'batch', 'payload', jsonb_build_object('batch', batch, 'idle', idle), 'run_at', at,
    'max_attempts', 1000, 'deadline', at + interval '30 days')));
end $$;

-- Writes a batch with its items and the job that begins it; nothing where its idempotency key is taken.
--   p: columns of batches, items: [columns of batch_items]
create or replace function batch_create(p jsonb, items jsonb) returns boolean language plpgsql as $$
begin
  insert into batches (account_id, id, actor, key_id, user_id, idempotency_key, request_hash, size,
    estimate_micro, budget_micro, deadline, webhook_url, metadata)
  select account_id, id, actor, key_id, user_id, idempotency_key, request_hash, size,
    estimate_micro, budget_micro, deadline, webhook_url, metadata
  from jsonb_populate_record(null::batches, p)
  on conflict (account_id, idempotency_key) do nothing;
  if not found then return false; end if;
  insert into batch_items (account_id, batch_id, n, generation_id, model, input, metadata, end_user,
    ceiling_micro)
  select p->>'account_id', p->>'id', n, generation_id, model, input, metadata, end_user, ceiling_micro
  from jsonb_populate_recordset(null::batch_items, items);
  perform batch_call(p->>'account_id', p->>'id', clock_timestamp(), 0);
  return true;
end $$;

-- What came of a look. Answers false, with nothing written, where another job looks after the batch now.
--   p: account, batch, job, state, from_item, next_item, waiting, ends_as, ends_because, skipped: [{ n, code, message }],
--      skip_left: { above, code, message } (those that can cost more than that), look_at, idle, happened
create or replace function batch_record(p jsonb) returns boolean language plpgsql as $$
declare
  batch batches;
begin
  select * into batch from batches
  where account_id = p->>'account' and id = p->>'batch' for no key update;
  if batch.job_id is distinct from p->>'job' then return false; end if;

  update batch_items i set skipped = jsonb_build_object('code', s.code, 'message', s.message)
  from jsonb_to_recordset(p->'skipped') s (n integer, code text, message text)
  where i.account_id = batch.account_id and i.batch_id = batch.id and i.n = s.n;
  if jsonb_typeof(p->'skip_left') = 'object' then
    update batch_items i set skipped = p->'skip_left' #- '{above}'
    where i.account_id = batch.account_id and i.batch_id = batch.id and i.skipped is null
      and i.n >= (p->>'from_item')::integer
      and i.ceiling_micro > coalesce((p->'skip_left'->>'above')::bigint, -1)
      and not exists (select from generations g
        where g.account_id = i.account_id and g.id = i.generation_id);
  end if;
  -- What was asked is kept with the generation, where its owner can delete it.
  update batch_items i set input = null
  where i.account_id = batch.account_id and i.batch_id = batch.id and i.input is not null
    and (i.n < (p->>'next_item')::integer or i.skipped is not null);

  update batches set state = p->>'state', next_item = (p->>'next_item')::integer,
    waiting = nullif(p->'waiting', 'null'), ends_as = p->>'ends_as', ends_because = p->>'ends_because',
    ending_at = case when p->>'ends_as' is not null then coalesce(ending_at, clock_timestamp()) end
  where account_id = batch.account_id and id = batch.id;
  if p->>'state' in ('running', 'paused') then
    perform batch_call(batch.account_id, batch.id, (p->>'look_at')::timestamptz, (p->>'idle')::integer);
  else
    update batches set finished_at = clock_timestamp(), job_id = null, look_at = null
    where account_id = batch.account_id and id = batch.id;
  end if;
  if p->'happened' <> 'null' then perform webhook_raise(jsonb_build_array(p->'happened')); end if;
  return true;
end $$;

-- Tells a batch to end. False where it has ended, or is ending already.
create or replace function batch_cancel(account text, batch text) returns boolean
language plpgsql as $$
begin
  update batches set ends_as = 'canceled', ends_because = 'canceled', ending_at = clock_timestamp(),
    state = 'running', waiting = null
  where account_id = account and id = batch and state in ('running', 'paused') and ends_as is null;
  if not found then return false; end if;
  perform batch_call(account, batch, clock_timestamp(), 0);
  return true;
end $$;

-- An item whose generation failed goes on as another one.
create or replace function batch_redo(account text, batch text, failed text, started text)
returns void language sql as $$
  update batch_items set generation_id = started
  where account_id = account and batch_id = batch and generation_id = failed
$$;

-- Credits came in: what was paused looks again, as soon as they are there.
create or replace function batch_resume() returns trigger language plpgsql as $$
begin
  perform batch_call(b.account_id, b.id, clock_timestamp(), 0)
  from batches b
  where b.account_id in (select account_id from came) and b.state = 'paused';
  return null;
end $$;
create or replace trigger batches_resume after insert on grants
  referencing new table as came for each statement execute function batch_resume();
