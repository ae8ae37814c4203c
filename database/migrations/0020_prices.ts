import { BaseSchema } from '@adonisjs/lucid/schema'

/**
 * The archive of prices is the platform's own, of no account. What is in it stays: holds
 * pin it by name.
 */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      create table price_book_pages (
        id text primary key,
        target text not null,
        effective_from timestamptz not null,
        effective_until timestamptz check (effective_until > effective_from),
        terms jsonb not null,
        origin text not null check (origin in ('config', 'database')),
        actor text not null,
        note text not null,
        created_at timestamptz not null default clock_timestamp()
      );
      create index price_book_pages_by_time on price_book_pages (created_at desc, id desc);

      -- What vendors charge, as plugins declared it whenever this platform was started.
      create table vendor_prices (
        model text not null,
        -- The version and a digest of the rule.
        pin text not null,
        version text not null,
        source text not null,
        rule jsonb not null,
        seen_at timestamptz not null default clock_timestamp(),
        primary key (model, pin)
      );

      create function prices_are_final() returns trigger language plpgsql as $$
      begin
        raise exception 'Prices are never changed: holds pin them. Add a new one instead.';
      end $$;
      create trigger pages_are_final before update or delete or truncate on price_book_pages
        for each statement execute function prices_are_final();
      create trigger vendor_prices_are_final before update or delete or truncate on vendor_prices
        for each statement execute function prices_are_final();

      -- A price before the call. Reserves nothing; its seal covers all that it promises.
      create table quotes (
        account_id text not null,
        id text not null,
        model text not null,
        -- Of the canonical input, with references as the digests of their content.
        input_digest text not null,
        price_pins jsonb not null,
        ceiling_micro bigint not null check (ceiling_micro >= 0),
        derivation jsonb not null,
        seal text not null,
        actor text not null,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        primary key (account_id, id)
      );
    `)
  }

  async down() {
    this.schema.raw(`
      drop table quotes, vendor_prices, price_book_pages;
      drop function prices_are_final;
    `)
  }
}
