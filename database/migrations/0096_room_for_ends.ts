import { BaseSchema } from '@adonisjs/lucid/schema'

/**
 * What ends is written once more. With room on its page it stays where its indexes find it; else every
 * index of the row is written as well.
 */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      alter table holds set (fillfactor = 70);
      alter table generations set (fillfactor = 75);

      -- Most direct holds have no key, and need not be in an index of keys.
      create unique index direct_holds_once_per_key on direct_holds (account_id, idempotency_key)
        where idempotency_key is not null;
      alter table direct_holds drop constraint direct_holds_account_id_idempotency_key_key;
    `)
  }

  async down() {
    this.schema.raw(`
      alter table direct_holds add constraint direct_holds_account_id_idempotency_key_key
        unique (account_id, idempotency_key);
      drop index direct_holds_once_per_key;
      alter table generations reset (fillfactor);
      alter table holds reset (fillfactor);
    `)
  }
}
