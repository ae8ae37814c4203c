import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- Where an account wants to be told what happened.
      create table webhook_endpoints (
        account_id text not null references accounts (id),
        id text not null,
        url text not null,
        description text not null,
        -- Types, a group such as 'generation.*', or '*'.
        events text[] not null,
        api_version text not null,
        -- NULL while it is enabled.
        disabled_because text check (disabled_because in ('asked', 'failing', 'gone')),
        disabled_at timestamptz,
        -- Of the first try that failed since the last that did not.
        failing_since timestamptz,
        -- The number of its last event.
        seq bigint not null default 0,
        created_by text not null,
        created_at timestamptz not null default clock_timestamp(),
        updated_at timestamptz not null default clock_timestamp(),
        deleted_at timestamptz,
        primary key (account_id, id),
        check ((disabled_because is null) = (disabled_at is null))
      );
      create index webhook_endpoints_by_id on webhook_endpoints (id);

      -- What signs: encrypted, because signing needs the secret itself.
      create table webhook_secrets (
        account_id text not null references accounts (id),
        -- An endpoint, or 'org' for URLs that generations bring with them.
        owner text not null,
        secret text not null,
        previous text,
        previous_until timestamptz,
        created_at timestamptz not null default clock_timestamp(),
        primary key (account_id, owner)
      );

      -- One event for one endpoint, or for the URL that a generation brought.
      create table webhook_deliveries (
        account_id text not null,
        id text not null,
        endpoint_id text,
        url text,
        event_id text not null,
        type text not null,
        -- The generation it is about, where it is about one.
        generation_id text,
        -- What is told where it is about none.
        facts jsonb,
        -- NULL until the first try where no endpoint says it.
        api_version text,
        seq bigint not null,
        -- In the account's time.
        occurred_at timestamptz not null,
        -- As it was first sent, and is sent again.
        body text,
        state text not null check (state in ('pending', 'delivered', 'failed', 'skipped')),
        attempts integer not null default 0,
        -- Those before its last replay, which begins the schedule anew.
        attempts_before integer not null default 0,
        -- Tests of an endpoint are tried once.
        is_test boolean not null default false,
        job_id text,
        next_at timestamptz,
        created_at timestamptz not null default clock_timestamp(),
        replayed_at timestamptz,
        finished_at timestamptz,
        primary key (account_id, id),
        check ((endpoint_id is null) <> (url is null)),
        check ((generation_id is null) <> (facts is null))
      ) with (fillfactor = 80);
      create unique index webhook_deliveries_once
        on webhook_deliveries (account_id, event_id, coalesce(endpoint_id, ''));
      create index webhook_deliveries_newest on webhook_deliveries (account_id, created_at desc, id desc);
      create index webhook_deliveries_of_endpoint
        on webhook_deliveries (account_id, endpoint_id, created_at desc, id desc);
      create index webhook_deliveries_of_generation on webhook_deliveries (account_id, generation_id)
        where generation_id is not null;
      create index webhook_deliveries_pending on webhook_deliveries (next_at) where state = 'pending';
      create index webhook_deliveries_oldest on webhook_deliveries (created_at);

      create table webhook_attempts (
        account_id text not null,
        delivery_id text not null,
        n integer not null,
        url text not null,
        status integer,
        error text,
        response text,
        duration_ms integer not null,
        created_at timestamptz not null,
        primary key (account_id, delivery_id, n),
        foreign key (account_id, delivery_id) references webhook_deliveries (account_id, id)
          on delete cascade
      );
    `)
  }

  async down() {
    this.schema.raw(
      'drop table webhook_attempts, webhook_deliveries, webhook_secrets, webhook_endpoints'
    )
  }
}
