import { BaseSchema } from '@adonisjs/lucid/schema'

/**
 * What all accounts together may use. A budget's row is locked with no account: what accounts may
 * use of it is leased to them, and a lease is a counter of its account whose `max` is what it has.
 */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- Its key begins with no account: it is of none.
      create table budgets (
        -- 'all', 'provider:<id>' or 'model:<name>': whose calls it counts.
        id text not null,
        measure text not null,
        "window" text not null check ("window" in ('minute', 'hour', 'day', 'month', 'total')),
        max not_negative not null,
        on_exceed text not null check (on_exceed in ('refuse', 'observe')),
        -- The configuration's, until an operator sets it.
        source text not null check (source in ('configuration', 'operator')),
        -- Of its windows: a new one applies from the next window.
        timezone text not null,
        -- The window that was open when something was leased last.
        window_start timestamptz not null default '-infinity',
        window_end timestamptz not null default '-infinity',
        -- What accounts have of that window, used or not.
        leased not_negative not null default 0,
        -- What may be leased of it: the most that it was set to, or what was leased before it was lowered.
        most not_negative not null,
        -- Something was refused in that window for want of room, or would have been.
        is_exceeded boolean not null default false,
        changed_by text,
        changed_at timestamptz not null default clock_timestamp(),
        -- Of one that is gone: set again in the same window, it goes on where it was.
        removed_at timestamptz,
        primary key (id, measure, "window")
      ) with (fillfactor = 50);

      -- What has left a budget and is not yet its account's, or the other way round: written with the
      -- one, gone with the other. Nobody may use it, so that a crash between the two costs nothing.
      create table leases_under_way (
        account_id text not null,
        number bigint generated always as identity,
        budget_id text not null,
        measure text not null,
        "window" text not null,
        window_start timestamptz not null,
        window_end timestamptz not null,
        amount positive not null,
        goes text not null check (goes in ('to_account', 'to_budget')),
        created_at timestamptz not null default clock_timestamp(),
        primary key (account_id, number)
      );
      create index leases_to_budget on leases_under_way (budget_id, measure, "window")
        where goes = 'to_budget';
      create index leases_to_account on leases_under_way (created_at) where goes = 'to_account';

      -- The leases of one budget. None of its columns changes, so that updates stay HOT.
      create index counters_leased on counters (scope_id, measure, "window", account_id)
        where scope = 'platform';
    `)
  }

  async down() {
    this.schema.raw(`
      drop index counters_leased;
      drop table leases_under_way, budgets;
    `)
  }
}
