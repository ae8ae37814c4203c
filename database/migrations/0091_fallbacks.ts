import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  async up() {
    this.schema.raw(`
      -- 'fallback': what a vendor bills for an attempt in whose place another provider was asked.
      alter table losses drop constraint losses_kind_check, add constraint losses_kind_check
        check (kind in ('overrun', 'late', 'unknown', 'asset_lost', 'goodwill', 'fallback'));
    `)
  }

  async down() {
    this.schema.raw(`
      alter table losses drop constraint losses_kind_check, add constraint losses_kind_check
        check (kind in ('overrun', 'late', 'unknown', 'asset_lost', 'goodwill'));
    `)
  }
}
