import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      create domain job_state as text
        check (value in ('queued', 'running', 'succeeded', 'failed', 'canceled', 'expired'));
      create domain job_payload as jsonb check (octet_length(value::text) <= 8192);
      create domain fraction as real check (value between 0 and 1);

      create table jobs (
        account_id text not null,
        id text not null,
        kind text not null,
        lane text not null default 'default',
        priority smallint not null default 0,
        payload job_payload not null,
        metered boolean not null,
        state job_state not null default 'queued',
        attempt integer not null default 0,
        max_attempts integer not null,
        -- The fencing token: it grows with each claim, and outcomes of an older one are void.
        token bigint not null default 0,
        run_at timestamptz not null,
        lease_until timestamptz,
        leased_by text,
        deadline timestamptz not null,
        cancel_requested_at timestamptz,
        cancel_actor text,
        progress fraction not null default 0,
        handle jsonb,
        error jsonb,
        event_seq integer not null default 0,
        dedupe_key text,
        traceparent text,
        created_at timestamptz not null,
        started_at timestamptz,
        finished_at timestamptz,
        primary key (account_id, id)
      ) with (fillfactor = 70);
      create index jobs_due on jobs (priority desc, run_at, account_id, id) where state = 'queued';
      create index jobs_leased on jobs (lease_until) where state = 'running';
      create index jobs_overdue on jobs (deadline) where state in ('queued', 'running');
      create unique index jobs_dedupe on jobs (account_id, kind, dedupe_key)
        where dedupe_key is not null and state in ('queued', 'running');

      create table job_events (
        account_id text not null,
        job_id text not null,
        seq integer not null,
        -- Lets a reader of all jobs stop below transactions that are still open.
        xid xid8 not null default pg_current_xact_id(),
        type text not null,
        data jsonb not null default '{}',
        created_at timestamptz not null default clock_timestamp(),
        primary key (account_id, job_id, seq)
      );
    `)
  }

  async down() {
    this.schema.raw('drop table job_events, jobs; drop domain job_state, job_payload, fraction')
  }
}
