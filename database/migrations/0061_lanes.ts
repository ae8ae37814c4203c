import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      create sequence lane_turns;

      -- The jobs of one kind that an account has waiting, for generations at one provider: whoever
      -- claims serves lanes, not jobs, so that no account stands before another with all it has.
      create table lanes (
        account_id text not null,
        kind text not null,
        provider text not null,
        -- Its place in line, the lowest first; NULL while nothing of it is due.
        turn bigint,
        -- When it enters the line by itself, where its next job waits for a time.
        due_at timestamptz,
        served_at timestamptz,
        primary key (account_id, kind, provider)
      ) with (fillfactor = 50);
      create index lanes_in_line on lanes (turn) where turn is not null;
      create index lanes_due on lanes (due_at) where due_at is not null;

      drop index jobs_due;
      create index jobs_due on jobs (account_id, kind, provider, priority desc, run_at, id)
        where state = 'queued';
      insert into lanes (account_id, kind, provider, turn)
      select account_id, kind, provider, nextval('lane_turns')
      from (select distinct account_id, kind, provider from jobs where state = 'queued') waiting;
    `)
  }

  async down() {
    this.schema.raw(`
      drop index jobs_due;
      create index jobs_due on jobs (priority desc, run_at, account_id, id) where state = 'queued';
      drop table lanes;
      drop sequence lane_turns;
    `)
  }
}
