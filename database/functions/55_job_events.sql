-- The next events of all jobs of an account, after a place, in the order of the transactions that
-- wrote them. Numbers are given when a transaction begins to write and are seen when it commits, so
-- one that is still open may yet show events below those that are here: nothing is told from the
-- first open transaction on, which is the horizon.
--
-- Each row has the horizon, and whether there is something beyond it already; without an event
-- there is one row, with nothing else.
create or replace function job_events_after(
  account text, after_xid xid8, after_job text, after_seq integer, n integer
) returns table (horizon xid8, early boolean, xid xid8, job_id text, kind text, seq integer,
  type text, data jsonb, created_at timestamptz)
language sql stable as $$
  select h.horizon,
    exists (select from job_events b where b.account_id = account and b.xid >= h.horizon),
    e.xid, e.job_id, j.kind, e.seq, e.type, e.data, e.created_at
  from (select pg_snapshot_xmin(pg_current_snapshot()) as horizon) h
  left join lateral (
    select v.xid, v.job_id, v.seq, v.type, v.data, v.created_at from job_events v
    where v.account_id = account and (v.xid, v.job_id, v.seq) > (after_xid, after_job, after_seq)
      and v.xid < h.horizon
    order by v.xid, v.job_id, v.seq limit n
  ) e on true
  left join jobs j on j.account_id = account and j.id = e.job_id
  order by e.xid, e.job_id, e.seq
$$;
