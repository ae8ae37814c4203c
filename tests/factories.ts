import { randomUUID } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import { Credits } from '#core/ledger/credits'
import { Ledger } from '#core/ledger/ledger'
import { createApiKey } from '#app/identity/actions/create_api_key'
import { CreateOrganisation } from '#app/identity/actions/create_organisation'
import type { Scope } from '#app/identity/caller'
import User from '#app/identity/models/user'

/** An organisation with a key and some credits. Each test makes its own, so none can disturb another. */
export async function newOrganisation(
  options: { credits?: string; scopes?: Scope[]; timezone?: string } = {}
) {
  const create = await app.container.make(CreateOrganisation)
  const organisation = await create.handle({ name: 'Test studio', timezone: options.timezone })
  const { key, text } = await createApiKey({
    orgId: organisation.id,
    name: 'test',
    scopes: options.scopes,
  })
  if (options.credits !== '0') await grant(organisation.id, options.credits ?? '100')
  return { organisation, key, keyText: text }
}

export async function grant(accountId: string, credits: string, expiresAt?: Date) {
  const ledger = await app.container.make(Ledger)
  return ledger.grant({
    accountId,
    kind: 'admin',
    amount: Credits.parse(credits),
    source: 'test',
    sourceRef: randomUUID(),
    actor: 'system:test',
    reason: 'for a test',
    expiresAt,
  })
}

export async function newOperator() {
  const password = randomUUID()
  const email = `${randomUUID()}@example.test`
  const user = await User.create({ email, password, fullName: 'Test Operator', isOperator: true })
  return { user, email, password }
}
