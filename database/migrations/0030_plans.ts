import { BaseSchema } from '@adonisjs/lucid/schema'

/** Which plan an account is on, and when its next credits are due. What a plan gives stands in `config/plans.ts`. */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      create domain plan_period as text check (value in ('day', 'week', 'month'));

      create table account_plans (
        account_id text primary key references accounts (id),
        plan text not null,
        free boolean not null,
        period plan_period not null,
        -- Where the periods begin. Period n begins n periods later, on the account's own calendar.
        anchor timestamptz not null,
        next_ordinal bigint not null check (next_ordinal >= 0),
        next_at timestamptz not null
      );

      -- Every choice of a plan, by whom and why. Never changed.
      create table plan_changes (
        account_id text not null references accounts (id),
        reference text not null,
        plan text,
        anchor timestamptz,
        actor text not null,
        reason text not null,
        created_at timestamptz not null,
        primary key (account_id, reference)
      );
    `)
  }

  async down() {
    this.schema.raw('drop table plan_changes, account_plans; drop domain plan_period')
  }
}
