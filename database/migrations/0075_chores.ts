import { BaseSchema } from '@adonisjs/lucid/schema'

/** When each thing that runs by the clock ran last, whichever process or cron ran it. */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      create table chore_runs (
        name text primary key,
        began_at timestamptz not null,
        -- NULL while it runs, and ever after if its process died.
        ended_at timestamptz,
        -- Why the last run broke; NULL where it did not.
        error text
      );
    `)
  }

  async down() {
    this.schema.dropTable('chore_runs')
  }
}
