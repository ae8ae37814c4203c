import { BaseSchema } from '@adonisjs/lucid/schema'

/** Of vendors' accounts, which are the installation's: no account of ours is part of the key. */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- The last state of each provider that ever failed. Closed where there is no retry_at.
      create table provider_circuits (
        provider text primary key,
        cause text not null,
        message text not null,
        since timestamptz not null,
        openings integer not null,
        retry_at timestamptz
      ) with (fillfactor = 50);

      -- When the calls that were let through would all be paid for, at the vendor's rate.
      create table provider_paces (
        provider text primary key,
        paid_at timestamptz not null
      ) with (fillfactor = 50);
    `)
  }

  async down() {
    this.schema.raw('drop table provider_paces, provider_circuits')
  }
}
