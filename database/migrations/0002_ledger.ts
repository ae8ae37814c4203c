import { BaseSchema } from '@adonisjs/lucid/schema'

/**
 * Every key begins with `account_id`, so that the tables distribute by account when
 * one Postgres is not enough. Amounts are bigint micro-credits.
 *
 * Tables that the verbs write carry no foreign keys: each verb locks the account row
 * first, so the reference holds by construction, and a check per insert would cost a
 * quarter of a hold. What a value must be by itself is its domain's to check: a CHECK of
 * the table is parsed anew by every statement that writes a row, which costs as much as
 * writing it.
 */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      create domain not_negative as bigint check (value >= 0);
      create domain positive as bigint check (value > 0);
      create domain account_state as text check (value in ('open', 'closed'));
      create domain grant_kind as text
        check (value in ('cycle', 'topup', 'promo', 'admin', 'refund'));
      create domain draw_priority as smallint check (value between 0 and 100);
      create domain hold_state as text check (value in ('held', 'settled', 'released', 'expired'));
      create domain entry_kind as text check (value in ('grant', 'consume', 'expire', 'refund',
        'correct', 'claw_back', 'repay', 'transfer_out', 'transfer_in'));
      create domain attempt_status as text check (value in ('succeeded', 'failed', 'canceled'));

      -- A rule for whoever has none of its own. Set: of the sets that calls refer to, which it is in.
      create type limit_rule as (
        "set" integer, scope text, measure text, "window" text, max bigint);
      -- A rule that counts for a call, with what its window has used and what the call needs.
      -- Place: where its counter lies, NULL while there is none.
      create type limit_state as (
        place tid, account_id text, scope text, scope_id text, measure text, "window" text,
        window_start timestamptz, window_end timestamptz, max bigint, needed bigint, held bigint,
        used bigint);

      -- One row per payer, the only hot one: the fill factor keeps its updates in the page (HOT).
      create table accounts (
        id text primary key,
        available_micro not_negative not null default 0,
        held_micro not_negative not null default 0,
        overdraft_micro not_negative not null default 0,
        seq bigint not null default 0,
        head_hash bytea not null default '\\x'::bytea,
        last_entry_at timestamptz,
        timezone text not null default 'UTC',
        state account_state not null default 'open',
        created_at timestamptz not null default now()
      ) with (fillfactor = 50);

      create table grants (
        account_id text not null references accounts (id),
        id text not null,
        kind grant_kind not null,
        priority draw_priority not null,
        amount_micro positive not null,
        remaining_micro not_negative not null,
        held_micro not_negative not null default 0,
        -- An index on this, and not on the amount itself, lets updates of the amount stay HOT.
        live boolean not null generated always as (remaining_micro > 0) stored,
        expires_at timestamptz,
        parent_grant_id text,
        restricted_to jsonb,
        source text not null,
        source_ref text not null,
        created_at timestamptz not null,
        primary key (account_id, id),
        unique (account_id, source, source_ref),
        check (remaining_micro + held_micro <= amount_micro)
      ) with (fillfactor = 70);
      create index grants_draw_order
        on grants (account_id, priority, expires_at nulls last, id) where live;

      create table holds (
        account_id text not null,
        id text not null,
        amount_micro not_negative not null,
        state hold_state not null default 'held',
        cost_micro bigint,
        -- [[grant id, micro-credits]] in the order they were drawn.
        slices jsonb not null,
        -- [[scope, scope id, measure, window, window start, amount]] that wait for the outcome.
        counters jsonb not null default '[]',
        price_pins jsonb not null default '{}',
        created_at timestamptz not null,
        expires_at timestamptz not null,
        resolved_at timestamptz,
        primary key (account_id, id),
        check ((state = 'held') = (resolved_at is null)
          and (state = 'settled') = (cost_micro is not null)
          and cost_micro between 0 and amount_micro)
      ) with (fillfactor = 80);

      -- Why credits moved, in the words of whoever moved them. Erasable: the chain holds a digest only.
      create table entry_notes (
        account_id text not null,
        id text not null,
        salt bytea not null,
        reason text,
        primary key (account_id, id)
      );

      create table entries (
        account_id text not null,
        seq bigint not null,
        kind entry_kind not null,
        amount_micro bigint not null,
        balance_after_micro bigint not null,
        grant_id text,
        hold_id text,
        ref text,
        actor text not null,
        note_id text,
        reason_digest bytea,
        hash bytea not null,
        created_at timestamptz not null,
        primary key (account_id, seq)
      );
      create unique index entries_once_per_hold
        on entries (account_id, hold_id, grant_id, kind, ref) nulls not distinct
        where hold_id is not null;
      create unique index entries_once_per_ref
        on entries (account_id, ref, grant_id, kind) nulls not distinct
        where hold_id is null;

      create function entries_are_final() returns trigger language plpgsql as $$
      begin
        raise exception 'Ledger entries are never changed. Write a correcting entry instead.';
      end $$;
      create trigger entries_are_final before update or delete on entries
        for each row execute function entries_are_final();
      create trigger entries_are_kept before truncate on entries
        for each statement execute function entries_are_final();

      -- An organisation's own rules. Where it has none for a (scope, measure, window), the defaults hold.
      create table limit_rules (
        account_id text not null references accounts (id),
        scope text not null,
        scope_id text not null default '*',
        measure text not null,
        "window" text not null check ("window" in ('minute', 'hour', 'day', 'month', 'total')),
        max bigint not null check (max >= 0),
        on_exceed text not null default 'refuse' check (on_exceed in ('refuse', 'queue', 'observe')),
        changed_by text,
        changed_at timestamptz not null default now(),
        primary key (account_id, scope, scope_id, measure, "window")
      );

      -- What the current window of a limit has counted: one row a limit and subject, which the first
      -- call of a new window starts over. What a hold pinned in another window is past counting.
      create table counters (
        account_id text not null,
        scope text not null,
        scope_id text not null,
        measure text not null,
        "window" text not null,
        window_start timestamptz not null,
        window_end timestamptz not null,
        held not_negative not null,
        used not_negative not null,
        max bigint not null,
        primary key (account_id, scope, scope_id, measure, "window")
      ) with (fillfactor = 50);

      create table losses (
        account_id text not null,
        job_id text not null,
        attempt integer not null,
        kind text not null
          check (kind in ('overrun', 'late', 'unknown', 'asset_lost', 'goodwill')),
        price_micro bigint not null,
        vendor_cost_micro_usd bigint not null,
        assumed boolean not null default false,
        created_at timestamptz not null,
        primary key (account_id, job_id, attempt, kind)
      );

      create table usage_events (
        account_id text not null,
        job_id text not null,
        attempt integer not null,
        job_created_at timestamptz not null,
        user_id text,
        key_id text,
        end_user text,
        provider text not null,
        model text not null,
        kind text not null,
        status attempt_status not null,
        error_class text,
        units jsonb not null,
        vendor_cost_micro_usd bigint not null,
        price_micro bigint not null,
        duration_ms bigint not null,
        provider_request_id text,
        trace_id text,
        created_at timestamptz not null,
        primary key (account_id, job_id, attempt, job_created_at)
      ) partition by range (job_created_at);
      create table usage_events_default partition of usage_events default;
      create index usage_events_by_time on usage_events (account_id, created_at desc);
      create index usage_events_by_day on usage_events (created_at);

      create table idempotency_keys (
        account_id text not null,
        key text not null,
        request_hash text not null,
        generation_id text not null,
        created_at timestamptz not null,
        primary key (account_id, key)
      );
      create index idempotency_keys_by_age on idempotency_keys (created_at);
    `)
  }

  async down() {
    this.schema.raw(`
      drop table idempotency_keys, usage_events, losses, counters, limit_rules, entries,
        entry_notes, holds, grants, accounts;
      drop function entries_are_final;
      drop type limit_rule, limit_state;
      drop domain not_negative, positive, account_state, grant_kind, draw_priority, hold_state,
        entry_kind, attempt_status;
    `)
  }
}
