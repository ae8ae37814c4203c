import { BaseSchema } from '@adonisjs/lucid/schema'

/** What ends of one moment bring along and take home: see 40_ledger_resolve.sql, 60_generations.sql. */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- Those that took one end a call. The new ones have other parameters, so they do not replace them.
      drop function if exists ledger_resolve(jsonb), ledger_return_expired, generation_finish(jsonb),
        generation_end, usage_record, direct_hold_open(jsonb), direct_hold_resolve(jsonb), ledger_hold;
      drop type hold_request;

      -- The end of a hold: the nth of a call.
      create type hold_end as (
        n integer, account_id text, hold_id text,
        -- How it is to end.
        state hold_state, cost_micro bigint, measures jsonb, keep_expired boolean, actor text,
        -- The hold as it was found, locked.
        hold holds,
        -- NULL while it is open. 'now': it ended here; 'resolved': before; 'missing'; 'busy': somebody
        -- else has it, or it has to be asked alone. Others are the caller's.
        outcome text, charged_micro bigint, at timestamptz,
        -- Whether its account owes, or has credit whose time has passed.
        is_odd boolean);

      -- The end of a job with its hold: the nth of a call. Ask: what its caller says of it.
      create type job_ending as (
        n integer, job jobs, ask jsonb,
        -- NULL while it is open, then 'finished', 'resolved', 'stale', 'missing' or 'busy'.
        outcome text,
        hold_state text, held_micro bigint, charged_micro bigint,
        -- What the cost was above the hold; NULL where the hold had ended before.
        unpaid_micro bigint, at timestamptz);
    `)
  }

  async down() {
    this.schema.raw('drop type job_ending, hold_end cascade')
  }
}
