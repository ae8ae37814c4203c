import { BaseSchema } from '@adonisjs/lucid/schema'

/**
 * What the verbs beyond grant, hold and settle remember: a header each, so that a repeat finds
 * the first one, and what the entries alone do not say.
 */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      create table refunds (
        account_id text not null,
        ref text not null,
        hold_id text not null,
        amount_micro positive not null,
        actor text not null,
        created_at timestamptz not null,
        primary key (account_id, ref)
      );
      create index refunds_of_hold on refunds (account_id, hold_id);

      -- How much of a bought grant was taken back, by what the seller's books said last.
      create table claw_backs (
        account_id text not null,
        grant_id text not null,
        charged bigint not null,
        refunded bigint not null,
        disputed bigint not null,
        as_of timestamptz not null,
        booked_micro not_negative not null,
        -- [[grant id, micro-credits]] in the order they were taken; without a grant, as debt.
        taken jsonb not null,
        -- Counts the times something was booked: each has entries of its own.
        revision integer not null,
        primary key (account_id, grant_id)
      );

      -- Both ends of moving all credit from one account to another, each in its own account.
      create table transfers (
        account_id text not null,
        ref text not null,
        direction text not null check (direction in ('out', 'in')),
        peer_id text not null,
        -- [{ id, kind, priority, amount, expires_at, parent, restricted_to }]
        grants jsonb not null,
        debt_micro not_negative not null,
        actor text not null,
        reason text not null,
        created_at timestamptz not null,
        -- Of an end that goes out: when the other was known to be in.
        arrived_at timestamptz,
        primary key (account_id, ref)
      );
      create index transfers_under_way on transfers (created_at)
        where direction = 'out' and arrived_at is null;

      -- Holds without a job: their caller meters the work and settles.
      create table direct_holds (
        account_id text not null,
        id text not null,
        description text,
        metadata jsonb not null,
        key_id text,
        user_id text,
        idempotency_key text,
        request_hash text,
        created_at timestamptz not null,
        -- When the sweeper has to end it; NULL once it has ended.
        due timestamptz,
        primary key (account_id, id),
        unique (account_id, idempotency_key)
      );
      create index direct_holds_due on direct_holds (due) where due is not null;
      create index losses_by_time on losses (account_id, created_at desc);
    `)
  }

  async down() {
    this.schema.raw(`
      drop index losses_by_time;
      drop table direct_holds, transfers, claw_backs, refunds;
    `)
  }
}
