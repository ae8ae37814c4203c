import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- What somebody should know of, once: the key says what, of whom and for how long.
      create table notices (
        account_id text not null,
        type text not null,
        subject text not null,
        period text not null,
        id text not null,
        facts jsonb not null,
        created_at timestamptz not null default clock_timestamp(),
        -- When its listeners had heard of it.
        told_at timestamptz,
        primary key (account_id, type, subject, period)
      );
      create index notices_newest on notices (created_at desc);
      create index notices_untold on notices (created_at) where told_at is null;

      alter table organisations add column low_balance_micro not_negative;
    `)
  }

  async down() {
    this.schema.raw('alter table organisations drop column low_balance_micro; drop table notices')
  }
}
