import { BaseSchema } from '@adonisjs/lucid/schema'

/** Of models, which are nobody's: no account is part of the key. */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      create table model_suspensions (
        id bigint generated always as identity primary key,
        model text not null,
        since timestamptz not null,
        lifted_at timestamptz,
        lifted_by text
      );
      create unique index model_suspensions_open on model_suspensions (model) where lifted_at is null;
      create index losses_of_overruns on losses (created_at) where kind = 'overrun';
    `)
  }

  async down() {
    this.schema.raw('drop index losses_of_overruns; drop table model_suspensions')
  }
}
