import { randomUUID } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Ledger } from '#core/ledger/ledger'
import { Plans } from '#core/plans/plans'
import { newOrganisation } from '#tests/factories'
import { newSignedInOperator } from './visitor.js'

async function desk() {
  const { organisation } = await newOrganisation({ credits: '0' })
  const { user, visitor } = await newSignedInOperator()
  const page = `/admin/organisations/${organisation.id}`
  await visitor.get(page)
  const ledger = await app.container.make(Ledger)
  const available = async () => {
    const balance = await ledger.balance(organisation.id)
    return balance.available.toString()
  }
  return { organisation, user, visitor, page, available }
}

const form = (fields: Record<string, string> = {}) => ({
  plan: 'studio',
  begins: 'next',
  plan_reason: 'Contract 17',
  plan_reference: randomUUID(),
  ...fields,
})

test.group('The plan of an organisation', () => {
  test('is changed with the operator’s name and reason, and shown with its next reset', async ({
    assert,
  }) => {
    const { organisation, user, visitor, page, available } = await desk()

    const done = await visitor.post(`${page}/plan`, form())

    assert.equal(done.location, page)
    assert.equal(await available(), '500')
    const plans = await app.container.make(Plans)
    const [change] = await plans.changes(organisation.id, 5)
    assert.equal(change.actor, `user:${user.id}`)
    const { nextAt } = (await plans.state(organisation.id))!
    const shown = await visitor.get(page)
    assert.include(shown.text, 'The plan of Test studio is changed. 500.00 credits granted.')
    assert.include(shown.text, 'Studio : 500.00 credits a month, up to 250.00 carried over.')
    assert.include(shown.html, `datetime="${nextAt.toISOString()}"`)
    assert.include(shown.text, 'Test Operator: Contract 17')
    assert.match(shown.html, /data-confirm="Change the plan of Test studio/)
  })

  test('twice with one form changes once', async ({ assert }) => {
    const { visitor, page, available } = await desk()
    const pressed = form({ begins: 'now' })

    await visitor.post(`${page}/plan`, pressed)
    await visitor.post(`${page}/plan`, pressed)

    assert.equal(await available(), '500')
    const shown = await visitor.get(page)
    assert.include(shown.text, 'This change was made before.')
  })

  test('can be none', async ({ assert }) => {
    const { organisation, visitor, page } = await desk()
    await visitor.post(`${page}/plan`, form())

    await visitor.post(`${page}/plan`, form({ plan: 'none' }))

    const plans = await app.container.make(Plans)
    assert.isNull(await plans.state(organisation.id))
    const shown = await visitor.get(page)
    assert.include(shown.text, 'It is on no plan.')
  })

  test('is refused with {title}, beside the field, and keeps what was typed')
    .with([
      { title: 'a plan that is not there', fields: { plan: 'golden' }, says: 'no plan "golden"' },
      { title: 'no reason', fields: { plan_reason: ' ' }, says: 'Fill this in.' },
      { title: 'another beginning', fields: { begins: 'soon' }, says: 'Choose one of the list.' },
    ])
    .run(async ({ assert }, { fields, says }) => {
      const { visitor, page, available } = await desk()
      const typed: Record<string, string> = { ...form(), ...fields }

      const answer = await visitor.post(`${page}/plan`, typed)

      assert.equal(answer.status, 422)
      assert.include(answer.text, says)
      assert.match(answer.html, /aria-invalid="true"/)
      assert.include(answer.html, `value="${typed.plan_reference}"`)
      assert.equal(await available(), '0')
    })
})
