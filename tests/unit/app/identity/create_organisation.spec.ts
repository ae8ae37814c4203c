import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Credits } from '#core/ledger/credits'
import { Ledger } from '#core/ledger/ledger'
import { CreateOrganisation } from '#app/identity/actions/create_organisation'
import Organisation from '#app/identity/models/organisation'

test.group('Creating an organisation', () => {
  test('opens its account under the same id', async ({ assert }) => {
    const create = await app.container.make(CreateOrganisation)

    const organisation = await create.handle({ name: 'Studio', timezone: 'Asia/Tokyo' })

    const ledger = await app.container.make(Ledger)
    const { balance } = await ledger.grant({
      accountId: organisation.id,
      kind: 'admin',
      amount: Credits.parse('1'),
      source: 'test',
      sourceRef: 'first',
      actor: 'system:test',
      reason: 'for a test',
    })
    assert.equal(balance.available.toString(), '1')
  })

  test('without an account there is none', async ({ assert }) => {
    const away = { open: () => Promise.reject(new Error('away')) } as unknown as Ledger

    await assert.rejects(
      () => new CreateOrganisation(away).handle({ name: 'Half a studio' }),
      'away'
    )

    assert.isNull(await Organisation.findBy('name', 'Half a studio'))
  })
})
