-- Lets generations go on that wait at a gate, in their order, as far as it has room. Locks jobs, their
-- holds and then their account, as all verbs do. Answers the jobs that were let go.
--   p: account, gate, n, limits[]
create or replace function generation_admit(p jsonb) returns jsonb language plpgsql as $$
declare
  line jobs[] := array(select j from job_in_line(p->>'account', p->>'gate', (p->>'n')::integer) j);
  defaults limit_rule[] := array(select l from jsonb_populate_recordset(null::limit_rule, p->'limits') l);
  account accounts;
  hold holds;
  job jobs;
  full_gate jsonb;
  admitted jsonb := '[]';
begin
  if cardinality(line) = 0 then return admitted; end if;
  perform from holds h where h.account_id = p->>'account'
    and h.id in (select l.id from unnest(line) l) order by h.id for update;
  select * into account from accounts a where a.id = p->>'account' for update;
  foreach job in array line loop
    select * into hold from holds h where h.account_id = job.account_id and h.id = job.id;
    continue when hold.state <> 'held';
    full_gate := ledger_admit(hold, account, ledger_clock(account), defaults);
    if full_gate is null then
      perform job_admit(job);
      admitted := admitted || to_jsonb(job.id);
    else
      update jobs j set gate = full_gate->>'gate', gate_until = (full_gate->>'until')::timestamptz
      where j.account_id = job.account_id and j.id = job.id
        and (j.gate, j.gate_until) is distinct from (full_gate->>'gate', (full_gate->>'until')::timestamptz);
      -- Whoever is behind it waits for the same, so that the large are not passed by for ever.
      exit when full_gate->>'gate' = p->>'gate';
    end if;
  end loop;
  return admitted;
end $$;
