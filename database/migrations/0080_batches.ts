import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- Many generations that were asked for at once, and are started bit by bit.
      create table batches (
        account_id text not null references accounts (id),
        id text not null,
        actor text not null,
        key_id text,
        user_id text,
        idempotency_key text,
        request_hash text not null,
        size integer not null check (size > 0),
        -- What all items could cost at most when they were asked for.
        estimate_micro not_negative not null,
        -- NULL: as much as there is.
        budget_micro positive,
        deadline timestamptz not null,
        webhook_url text,
        metadata jsonb not null,
        state text not null default 'running'
          check (state in ('running', 'paused', 'completed', 'canceled', 'expired')),
        -- How it will end, once it was told to end before all is done.
        ends_as text check (ends_as in ('canceled', 'expired')),
        ends_because text,
        ending_at timestamptz,
        -- Items below this number were started or skipped.
        next_item integer not null default 0,
        -- What it waits for: { code, message, refusal }.
        waiting jsonb,
        -- The job that looks after it next; what is still to come of an older one is void.
        job_id text,
        look_at timestamptz,
        created_at timestamptz not null default clock_timestamp(),
        finished_at timestamptz,
        primary key (account_id, id),
        unique (account_id, idempotency_key)
      ) with (fillfactor = 80);
      create index batches_by_id on batches (id);
      create index batches_open on batches (account_id) where state in ('running', 'paused');

      create table batch_items (
        account_id text not null,
        batch_id text not null,
        n integer not null,
        -- Given beforehand, so that no item is started twice. Started is what is among the generations.
        generation_id text not null,
        model text not null,
        -- NULL once its generation has it, or it was skipped.
        input jsonb,
        metadata jsonb not null,
        end_user text,
        ceiling_micro not_negative not null,
        -- Why it was never started: { code, message }.
        skipped jsonb,
        primary key (account_id, batch_id, n),
        foreign key (account_id, batch_id) references batches (account_id, id)
      ) with (fillfactor = 80);
    `)
  }

  async down() {
    this.schema.raw(`
      drop trigger if exists batches_resume on grants;
      drop table batch_items, batches;
    `)
  }
}
