-- Keeps what is left to do of work that its vendor has done, where it would else have to be asked for
-- anew. No step of the story: nobody was handed anything.
--   p: account, job, token, handle
create or replace function job_keep(p jsonb) returns boolean language plpgsql as $$
declare
  job jobs;
begin
  select * into job from job_own(p);
  if not found then return false; end if;
  update jobs set handle = p->'handle', in_doubt = false
  where account_id = job.account_id and id = job.id;
  return true;
end $$;

-- Makes a parked job due a second from now, because its vendor may have news of it: however often it
-- is said, the vendor is asked once a second at most.
create or replace function job_poke(p jsonb) returns void language sql as $$
  update jobs set run_at = clock_timestamp() + interval '1 second',
    task_due = clock_timestamp() + interval '1 second'
  where account_id = p->>'account' and id = p->>'job' and state = 'running' and leased_by is null
    and run_at > clock_timestamp() + interval '1 second'
$$;
