import { BaseSchema } from '@adonisjs/lucid/schema'

/** Jobs as the outbox of a queue that pushes tasks. A queue that workers pull from leaves these empty. */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      alter table jobs
        -- The waiting that a task was last asked for: the token grows with each claim, so another
        -- waiting of the same job has another.
        add column task_token bigint,
        -- When another is owed, should the job still wait.
        add column task_due timestamptz,
        -- How many were asked for, for this waiting.
        add column task_count smallint,
        -- Since when the attempt runs whose vendor is waited for, where nobody waits in place.
        add column attempt_began_at timestamptz;
      create index jobs_without_task on jobs (run_at)
        where leased_by is null and state in ('queued', 'running') and task_token is distinct from token;
      create index jobs_task_due on jobs (task_due)
        where leased_by is null and state in ('queued', 'running') and task_token = token;
    `)
  }

  async down() {
    this.schema.raw(`
      drop index jobs_without_task, jobs_task_due;
      alter table jobs drop column task_token, drop column task_due, drop column task_count,
        drop column attempt_began_at;
    `)
  }
}
