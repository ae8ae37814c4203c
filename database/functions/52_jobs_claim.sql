-- Who gets the next job. Accounts take turns: a claim serves the lanes that have waited longest for
-- one, and of each takes no more than its share. Lock order: a job before its lane, where one waits
-- for either; a claim waits for neither.

-- Puts lanes in line for jobs that are due, or will be. `due` is null where there is no job.
create or replace function lane_enter(
  account_ids text[], kinds text[], providers text[], due timestamptz[]
) returns void language plpgsql as $$
declare
  now timestamptz := clock_timestamp();
  seen text[];
begin
  -- A claim that would take one of them out of the line, because it does not see our job yet, finds
  -- it locked; one that already did is waited for. Claims that only serve it pass by.
  select array_agg(concat_ws(' ', l.account_id, l.kind, l.provider)) into seen from (
    select l.account_id, l.kind, l.provider
    from unnest(account_ids, kinds, providers, lane_enter.due) n (account_id, kind, provider, due)
    join lanes l on l.account_id = n.account_id and l.kind = n.kind and l.provider = n.provider
    where n.due is not null and (l.turn is not null or l.due_at <= n.due)
    for key share of l
  ) l;
  insert into lanes as l (account_id, kind, provider, turn, due_at)
  select n.account_id, n.kind, n.provider,
    case when n.due <= now then nextval('lane_turns') end, case when n.due > now then n.due end
  from (
    select d.account_id, d.kind, d.provider, min(d.due) as due
    from unnest(account_ids, kinds, providers, lane_enter.due) d (account_id, kind, provider, due)
    where d.due is not null group by 1, 2, 3
  ) n
  -- Only those that are locked above are left as they are: one that another has made meanwhile may be
  -- taken out of the line again before our job is seen.
  where concat_ws(' ', n.account_id, n.kind, n.provider) = any (seen) is not true
  -- In one order, so that two who enter the same lanes do not wait for each other.
  order by 1, 2, 3
  on conflict (account_id, kind, provider) do update set
    turn = coalesce(l.turn, excluded.turn),
    due_at = case when coalesce(l.turn, excluded.turn) is null
      then least(l.due_at, excluded.due_at) end;
end $$;

-- Whether a worker may be given the job, but for its time. Its hold is looked at when it is taken.
create or replace function job_is_open(j jobs) returns boolean language sql as $$
  select j.state = 'queued' and j.deadline > clock_timestamp() and j.cancel_requested_at is null
    and (j.start_by > clock_timestamp() or j.start_by is null or j.started_at is not null)
$$;

-- How many more may run, by "kind <kind>", "provider <id>" and "account <id> <kind>". Only what has a
-- limit is in it, and of accounts only those that have something running.
create or replace function job_rooms(limits jsonb) returns jsonb language sql as $$
  with running as (
    select kind, provider, account_id, grouping(kind) as any_kind, grouping(account_id) as any_account,
      count(*)::integer as count
    from jobs where state = 'running'
    group by grouping sets ((kind), (provider), (account_id, kind))
  ),
  rooms as (
    select 'kind ' || k.key as name, k.value::integer - coalesce(r.count, 0) as room
    from jsonb_each_text(limits->'kinds') k
    left join running r on r.kind = k.key and r.any_account = 1
    union all
    select 'provider ' || p.key, p.value::integer - coalesce(r.count, 0)
    from jsonb_each_text(limits->'providers') p
    left join running r on r.provider = p.key and r.any_kind = 1
    union all
    select 'account ' || r.account_id || ' ' || r.kind, (limits->'accounts'->>r.kind)::integer - r.count
    from running r
    where r.any_account = 0 and limits->'accounts' ? r.kind
  )
  select coalesce(jsonb_object_agg(name, greatest(room, 0)), '{}') from rooms
$$;

-- Takes at most n due jobs of these kinds.
--   limits: { kinds{}, providers{}, accounts{} by kind, unavailable[] } of what may run at once, or null
-- One whose hold is no longer live, or that was asked to stop while its worker put it back, is left
-- for the sweeper to end.
--
-- Its plans are made once and find rows by their keys, as those of generation_start. Nor may they sort:
-- that is how one which was made while nothing was queued comes by the index of lanes' due jobs, and does
-- not look through all that is open, which there was none of, for each lane.
drop function if exists job_claim(text, text[], integer, integer);
create or replace function job_claim(
  worker text, kinds text[], n integer, lease_ms integer, limits jsonb
) returns setof jobs language plpgsql set plan_cache_mode = force_generic_plan
set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off
set enable_mergejoin = off set enable_sort = off set jit = off as $$
declare
  is_limited boolean := coalesce(limits->'kinds' <> '{}' or limits->'accounts' <> '{}'
    or limits->'providers' <> '{}', false);
  unavailable text[] := array(select jsonb_array_elements_text(limits->'unavailable'));
  rooms jsonb;
  -- What is still wanted, and what came of one walk along the line.
  want integer := n;
  got integer;
  walked integer;
  -- The line as it is when the walk begins. Who is served goes to the back of it.
  back bigint;
  front bigint;
  accounts text[];
  lane_kinds text[];
  providers text[];
  picked_of text[];
  picked text[];
  picked_kinds text[];
  picked_at text[];
begin
  if n < 1 or cardinality(kinds) = 0 then return; end if;
  -- Who has to count what runs must not count while another takes.
  if is_limited then perform pg_advisory_xact_lock(7340219005); end if;
  if exists (select from lanes where due_at <= clock_timestamp()) then
    update lanes l set turn = nextval('lane_turns'), due_at = null
    from (select account_id, kind, provider from lanes where due_at <= clock_timestamp()
      order by due_at for no key update skip locked) d
    where l.account_id = d.account_id and l.kind = d.kind and l.provider = d.provider;
  end if;

  loop
    back := coalesce(pg_sequence_last_value('lane_turns'), 0);
    front := 0;
    walked := 0;
    loop
      if is_limited then rooms := job_rooms(limits); end if;
      select array_agg(account_id order by turn), array_agg(kind order by turn),
        array_agg(provider order by turn), max(turn)
      into accounts, lane_kinds, providers, front
      from (
        select l.account_id, l.kind, l.provider, l.turn from lanes l
        where l.turn > front and l.turn <= back and l.kind = any (job_claim.kinds)
          and not l.provider = any (unavailable)
          and (not is_limited or lane_room(l, limits, rooms) > 0)
        order by l.turn limit want
        for no key update skip locked
      ) line;
      exit when accounts is null;

      select array_agg(j.account_id order by j.place, j.lane), array_agg(j.id order by j.place, j.lane),
        array_agg(j.kind order by j.place, j.lane), array_agg(j.provider order by j.place, j.lane)
      into picked_of, picked, picked_kinds, picked_at
      from (
        select l.lane, l.account_id, l.kind, l.provider, q.id,
          row_number() over (partition by l.lane order by q.priority desc, q.run_at, q.id) as place
        from unnest(accounts, lane_kinds, providers) with ordinality l (account_id, kind, provider, lane)
        cross join lateral (
          select q.id, q.priority, q.run_at from jobs q
          where q.account_id = l.account_id and q.kind = l.kind and q.provider = l.provider
            and state = 'queued' and run_at <= clock_timestamp() and job_is_open(q)
            and (not metered or exists (select from holds h
              where h.account_id = q.account_id and h.id = q.id and h.state = 'held'))
          order by q.priority desc, q.run_at, q.id
          limit (want - 1) / cardinality(accounts) + 1
          for update of q skip locked
        ) q
      ) j;
      if is_limited then
        select array_agg(c.account_id order by c.n), array_agg(c.id order by c.n)
        into picked_of, picked
        from (
          select p.*,
            row_number() over (partition by p.kind order by p.n) as of_kind,
            row_number() over (partition by p.provider order by p.n) as of_provider,
            row_number() over (partition by p.account_id, p.kind order by p.n) as of_account
          from unnest(picked_of, picked, picked_kinds, picked_at) with ordinality
            p (account_id, id, kind, provider, n)
        ) c
        where c.of_kind <= coalesce((rooms->>('kind ' || c.kind))::integer, job_claim.n)
          and c.of_provider <= coalesce((rooms->>('provider ' || c.provider))::integer, job_claim.n)
          and c.of_account <= coalesce((rooms->>('account ' || c.account_id || ' ' || c.kind))::integer,
            (limits->'accounts'->>c.kind)::integer, job_claim.n);
      end if;

      return query
      with claimed as (
        update jobs j set state = 'running', attempt = j.attempt + 1, token = j.token + 1,
          leased_by = worker, lease_until = clock_timestamp() + lease_ms * interval '1 ms',
          started_at = coalesce(j.started_at, clock_timestamp()), event_seq = j.event_seq + 1
        from unnest(picked_of[:want], picked[:want]) p (account_id, id)
        where j.account_id = p.account_id and j.id = p.id
        returning j.*
      ),
      told as (
        insert into job_events (account_id, job_id, seq, type, data)
        select account_id, id, event_seq, 'running', jsonb_build_object('attempt', attempt)
        from claimed
      )
      select * from claimed;
      get diagnostics got = row_count;
      want := want - got;
      walked := walked + got;

      perform lane_leave(accounts, lane_kinds, providers, back);
      exit when want = 0;
    end loop;
    exit when want = 0 or walked = 0;
  end loop;
end $$;

-- How many more jobs of a lane may run.
create or replace function lane_room(lane lanes, limits jsonb, rooms jsonb) returns integer
language sql immutable as $$
  select least(
    coalesce((rooms->>('kind ' || lane.kind))::integer, 1),
    coalesce((rooms->>('provider ' || lane.provider))::integer, 1),
    coalesce((rooms->>('account ' || lane.account_id || ' ' || lane.kind))::integer,
      (limits->'accounts'->>lane.kind)::integer, 1))
$$;

-- What becomes of lanes that were served: those with more that is due go to the back of the line,
-- the others leave it. `back` was the back before. Orders are asked for as in job_claim, for the index that has them.
create or replace function lane_leave(
  account_ids text[], kinds text[], providers text[], back bigint
) returns void language plpgsql as $$
declare
  moved integer;
  done_accounts text[];
  done_kinds text[];
  done_providers text[];
begin
  update lanes l set turn = nextval('lane_turns'), served_at = clock_timestamp()
  from unnest(account_ids, kinds, providers) v (account_id, kind, provider)
  where l.account_id = v.account_id and l.kind = v.kind and l.provider = v.provider
    and (select true from jobs j
      where j.account_id = v.account_id and j.kind = v.kind and j.provider = v.provider
        and state = 'queued' and run_at <= clock_timestamp() and job_is_open(j)
      order by j.priority desc, j.run_at, j.id limit 1);
  get diagnostics moved = row_count;
  if moved = cardinality(account_ids) then return; end if;

  -- A job may be on its way in a transaction that saw the lane in line. It has the lane locked then,
  -- and the lane stays where it is.
  select array_agg(account_id), array_agg(kind), array_agg(provider)
  into done_accounts, done_kinds, done_providers
  from (
    select l.account_id, l.kind, l.provider
    from unnest(account_ids, kinds, providers) v (account_id, kind, provider)
    join lanes l on l.account_id = v.account_id and l.kind = v.kind and l.provider = v.provider
    where l.turn <= back
    for update of l skip locked
  ) done;
  -- A statement of its own: it sees what was committed before the locks were had.
  update lanes l set served_at = clock_timestamp(), (turn, due_at) = (
    -- By one look at the clock: between two of them it could be due in neither.
    select case when f.first <= f.now then nextval('lane_turns') end,
      case when f.first > f.now then f.first end
    from (select min(j.run_at) as first, (select clock_timestamp()) as now from (
      select j.run_at from jobs j
      where j.account_id = l.account_id and j.kind = l.kind and j.provider = l.provider
        and state = 'queued' and job_is_open(j)
      order by j.priority desc, j.run_at, j.id offset 0) j) f)
  from unnest(done_accounts, done_kinds, done_providers) v (account_id, kind, provider)
  where l.account_id = v.account_id and l.kind = v.kind and l.provider = v.provider;
end $$;
