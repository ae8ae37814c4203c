import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- Whose slots the work takes; empty for work that is not done at a provider.
      alter table jobs add column provider text not null default '',
        -- Until when it has to have begun, where that is sooner than the deadline.
        add column start_by timestamptz,
        drop column lane;

      -- What job_add takes.
      create type new_job as (
        account text, id text, kind text, payload jsonb, run_at timestamptz, priority smallint,
        dedupe_key text, start_by timestamptz, deadline timestamptz, max_attempts integer,
        traceparent text);

      drop index jobs_overdue;
      create index jobs_past_deadline on jobs (deadline) where state in ('queued', 'running');
      create index jobs_past_start on jobs (start_by)
        where state = 'queued' and started_at is null and start_by is not null;
      create index jobs_to_cancel on jobs (cancel_requested_at)
        where state in ('queued', 'running') and cancel_requested_at is not null;
    `)
  }

  async down() {
    this.schema.raw(`
      drop type new_job;
      drop index jobs_to_cancel, jobs_past_start, jobs_past_deadline;
      create index jobs_overdue on jobs (deadline) where state in ('queued', 'running');
      alter table jobs add column lane text not null default 'default', drop column start_by,
        drop column provider;
    `)
  }
}
