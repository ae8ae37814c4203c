import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- A vendor may have the work although no handle says so: whoever had the job went away, or
      -- heard nothing, after it began.
      alter table jobs add column in_doubt boolean not null default false;
    `)
  }

  async down() {
    this.schema.raw('alter table jobs drop column in_doubt')
  }
}
