import { BaseSchema } from '@adonisjs/lucid/schema'

/**
 * Test accounts: an account beside that of an organisation, with ids that begin with `tst_`, so that
 * nobody has to look up which is which. Only their clocks can be moved, and only ahead.
 */
export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      alter table organisations add column test_of text unique references organisations (id);
      alter table organisations add constraint test_ids_tell
        check ((test_of is not null) = (id like 'tst\\_%'));

      -- In seconds alone: an interval of days would depend on whoever's time zone adds it.
      alter table accounts add column clock_offset interval not null default '0';

      create function live_clocks_stand() returns trigger language plpgsql as $$
      begin
        raise exception 'The clock of account % is time itself. Only test accounts have one to move.', new.id;
      end $$;
      -- Of that column only, so that the verbs do not pay for it.
      create trigger live_clocks_stand before update of clock_offset on accounts for each row
        when (new.clock_offset <> old.clock_offset
          and (new.id not like 'tst\\_%' or new.clock_offset < old.clock_offset))
        execute function live_clocks_stand();
    `)
  }

  async down() {
    this.schema.raw(`
      drop trigger live_clocks_stand on accounts;
      drop function live_clocks_stand;
      alter table accounts drop column clock_offset;
      alter table organisations drop column test_of;
    `)
  }
}
