import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- For whoever follows all jobs of an account.
      create index job_events_of_account on job_events (account_id, xid, job_id, seq);
    `)
  }

  async down() {
    this.schema.raw('drop index job_events_of_account')
  }
}
