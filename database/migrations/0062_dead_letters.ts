import { BaseSchema } from '@adonisjs/lucid/schema'

/** A generation that failed by what was asked for is no dead letter: it would fail again. */
const DEAD = `state in ('failed', 'expired') and redriven_as is null and (not metered
  or coalesce(error->>'class', '') not in ('invalid_input', 'blocked_input', 'blocked_output'))`

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- The job that took its place, when somebody had the work done again.
      alter table jobs add column redriven_as text;

      create index jobs_dead on jobs (finished_at desc, account_id, id) where ${DEAD};
      create index jobs_retrying on jobs (run_at) where state = 'queued' and error is not null;

      -- Jobs that failed for good and that nobody has seen to.
      create view dead_letters as
        select account_id, id, kind, provider, metered, state::text, attempt, error, created_at,
          finished_at
        from jobs where ${DEAD};
    `)
  }

  async down() {
    this.schema.raw(`
      drop view dead_letters;
      drop index jobs_retrying, jobs_dead;
      alter table jobs drop column redriven_as;
    `)
  }
}
