import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- The batch it was asked for in, if any.
      alter table generations add column batch_id text;
      create index generations_of_batch on generations (account_id, batch_id, id)
        where batch_id is not null;
    `)
  }

  async down() {
    this.schema.raw('alter table generations drop column batch_id')
  }
}
