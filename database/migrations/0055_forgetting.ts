import { BaseSchema } from '@adonisjs/lucid/schema'

/** What is forgotten after a while is found by its age. */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      create index quotes_by_expiry on quotes (expires_at);
      create index direct_holds_keys_by_age on direct_holds (created_at)
        where idempotency_key is not null;
    `)
  }

  async down() {
    this.schema.raw('drop index quotes_by_expiry, direct_holds_keys_by_age')
  }
}
