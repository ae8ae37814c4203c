import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- What was not done and why. Equal ones of a minute are one row that counts them.
      create table refusals (
        account_id text not null,
        id text not null,
        type text not null,
        -- As the application tells it: amounts are decimal strings.
        refusal jsonb not null,
        model text not null,
        kind text not null,
        key_id text,
        user_id text,
        end_user text,
        alternative jsonb,
        trace_id text,
        times integer not null,
        first_at timestamptz not null,
        last_at timestamptz not null,
        primary key (account_id, id)
      );
      create index refusals_by_age on refusals (last_at);
      create index refusals_newest on refusals (id desc);
    `)
  }

  async down() {
    this.schema.dropTable('refusals')
  }
}
