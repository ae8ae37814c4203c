import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- A file the organisation has. Never a URL: the key is orgs/<org>/<sha256>, URLs are made at read time.
      create table assets (
        account_id text not null references accounts (id),
        id text not null,
        sha256 text not null,
        source text not null check (source in ('upload', 'reference', 'output')),
        content_type text not null,
        bytes bigint not null,
        width integer,
        height integer,
        duration_ms bigint,
        created_by text not null,
        created_at timestamptz not null default now(),
        deleted_at timestamptz,
        primary key (account_id, id)
      );
      create index assets_by_content on assets (account_id, sha256) where deleted_at is null;

      create domain generation_outcome as text
        check (value in ('succeeded', 'failed', 'canceled', 'expired'));

      -- What starts bring, by columns: the nth of each is the nth start's, read at half the cost of as
      -- many objects. Subject: an id by scope; needs: an amount by measure; limits: the set of
      -- default_limits that is for whoever has no rules of its own.
      create type starts as (
        account_id text[], generation_id text[], job_id text[], model text[], provider text[],
        kind text[], input jsonb[], metadata jsonb[], requested integer[], webhook_url text[],
        subject jsonb[], amount_micro bigint[], price_pins jsonb[], needs jsonb[], limits integer[],
        idempotency_key text[], request_hash text[], deadline timestamptz[],
        hold_expires_at timestamptz[], max_attempts integer[], traceparent text[], payload jsonb[],
        told jsonb[], default_limits limit_rule[]);
      -- What a hold brings that is for no job. Its limits are of set 0.
      create type hold_request as (
        account_id text, job_id text, subject jsonb, amount_micro bigint, price_pins jsonb,
        needs jsonb, limits limit_rule[], hold_expires_at timestamptz);

      create table generations (
        account_id text not null,
        id text not null,
        job_id text not null,
        model text not null,
        provider text not null,
        kind text not null,
        -- NULL while the job is open: until then the job's state is the status.
        outcome generation_outcome,
        -- NULL once its owner deleted it.
        input jsonb,
        metadata jsonb not null default '{}',
        requested integer not null,
        delivered integer,
        user_id text,
        key_id text,
        end_user text,
        webhook_url text,
        created_at timestamptz not null,
        finished_at timestamptz,
        deleted_at timestamptz,
        primary key (account_id, id),
        unique (account_id, job_id)
      ) with (fillfactor = 80);
      create index generations_by_time on generations (account_id, created_at desc, id desc);
      create index generations_by_id on generations (id);
      create index generations_newest on generations (created_at desc, id desc);

      create table generation_outputs (
        account_id text not null,
        generation_id text not null,
        position integer not null,
        asset_id text not null,
        primary key (account_id, generation_id, position),
        foreign key (account_id, generation_id) references generations (account_id, id),
        foreign key (account_id, asset_id) references assets (account_id, id)
      );
    `)
  }

  async down() {
    this.schema.raw(`
      drop table generation_outputs, generations, assets;
      drop type starts, hold_request;
      drop domain generation_outcome;
    `)
  }
}
