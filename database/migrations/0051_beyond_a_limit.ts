import { BaseSchema } from '@adonisjs/lucid/schema'

/** What a limit may do but refuse: let pass and say so, or let wait until it has room. */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      alter type limit_rule add attribute on_exceed text;
      alter type limit_state add attribute on_exceed text, add attribute waiting bigint;

      -- What is held and waits for the counter's room. It goes before what comes later.
      alter table counters add column waiting not_negative not null default 0;
      create index counters_waited_for on counters (account_id) where waiting > 0;
      -- [[scope, scope id, measure, window, amount]] of the counters it waits for.
      alter table holds add column gates jsonb;
      -- The counter a job stands in line at, and when it may have room; its run_at is its deadline so
      -- long, so that nobody is handed it.
      alter table jobs add column gate text, add column gate_until timestamptz;
      create index jobs_at_gate on jobs (account_id, gate, id)
        where gate is not null and state = 'queued';

      -- Of a rule that only observes: it would have been refused.
      alter table refusals add column observed boolean not null default false;
    `)
  }

  async down() {
    this.schema.raw(`
      alter table refusals drop column observed;
      alter table jobs drop column gate, drop column gate_until;
      alter table holds drop column gates;
      alter table counters drop column waiting;
      alter type limit_state drop attribute on_exceed, drop attribute waiting;
      alter type limit_rule drop attribute on_exceed;
    `)
  }
}
