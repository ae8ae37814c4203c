import { inject } from '@adonisjs/core'
import { newId } from '#core/ids'
import { Ledger } from '#core/ledger/ledger'
import Organisation from '#app/identity/models/organisation'

/** A new organisation with its empty account. */
@inject()
export class CreateOrganisation {
  constructor(private readonly ledger: Ledger) {}

  async handle({ name, timezone = 'UTC' }: { name: string; timezone?: string }) {
    const id = newId('org')
    // First, because nobody misses an account without an organisation.
    await this.ledger.open(id, timezone)
    return Organisation.create({ id, name, timezone })
  }
}
