import { randomUUID } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Ledger } from '#core/ledger/ledger'
import { newOrganisation } from '#tests/factories'
import { newSignedInOperator } from './visitor.js'

async function desk(timezone?: string) {
  const { organisation } = await newOrganisation({ credits: '0', timezone })
  const { user, visitor } = await newSignedInOperator()
  const page = `/admin/organisations/${organisation.id}`
  await visitor.get(page)
  const ledger = await app.container.make(Ledger)
  return { organisation, user, visitor, page, ledger }
}

const form = (fields: Record<string, string> = {}) => ({
  amount: '250.5',
  reason: 'Invoice 2026-114',
  reference: randomUUID(),
  ...fields,
})

test.group('Granting credits', () => {
  test('writes one entry with the operator and the reason, and shows it', async ({ assert }) => {
    const { organisation, user, visitor, page, ledger } = await desk()

    const done = await visitor.post(`${page}/grants`, form())

    assert.equal(done.location, page)
    const entries = await ledger.entries(organisation.id, { limit: 10 })
    assert.lengthOf(entries, 1)
    assert.equal(entries[0].amount.toString(), '250.5')
    assert.equal(entries[0].actor, `user:${user.id}`)
    assert.equal(entries[0].reason, 'Invoice 2026-114')
    const shown = await visitor.get(page)
    assert.include(shown.text, '250.50 credits granted to Test studio.')
    assert.include(shown.text, 'Invoice 2026-114 by Test Operator')
    assert.include(shown.text, '+250.50')
  })

  test('twice with one form grants once', async ({ assert }) => {
    const { organisation, visitor, page, ledger } = await desk()
    const pressed = form()

    await visitor.post(`${page}/grants`, pressed)
    await visitor.post(`${page}/grants`, pressed)

    const { available } = await ledger.balance(organisation.id)
    assert.equal(available.toString(), '250.5')
    const shown = await visitor.get(page)
    assert.include(shown.text, 'This grant was booked before. Nothing was added.')
  })

  test('until a day is good until that day ends where the organisation is', async ({ assert }) => {
    const { organisation, visitor, page } = await desk('America/New_York')

    await visitor.post(`${page}/grants`, form({ expires: '2099-01-31' }))

    const db = await app.container.make('lucid.db')
    const grant = await db.from('grants').where('account_id', organisation.id).firstOrFail()
    assert.equal(grant.expires_at.toISOString(), '2099-02-01T05:00:00.000Z')
  })

  test('takes a rank and what it may pay for, and shows them', async ({ assert }) => {
    const { organisation, visitor, page } = await desk()

    await visitor.post(
      `${page}/grants`,
      form({ kind: 'promo', priority: '7', only: 'sandbox/image, video' })
    )

    const db = await app.container.make('lucid.db')
    const grant = await db.from('grants').where('account_id', organisation.id).firstOrFail()
    assert.containSubset(grant, {
      kind: 'promo',
      priority: 7,
      restricted_to: { models: ['sandbox/image'], kinds: ['video'] },
    })
    const shown = await visitor.get(page)
    assert.include(shown.text, 'priority 7, only for sandbox/image, video')
  })

  test('is refused with {title}, beside the field, and keeps what was typed')
    .with([
      {
        title: 'a comma',
        fields: { amount: '1,5' },
        says: '"1,5" is not an amount. Write a decimal such as "12.5".',
      },
      { title: 'nothing to grant', fields: { amount: '0' }, says: 'Write an amount above zero.' },
      { title: 'less than nothing', fields: { amount: '-5' }, says: 'Write an amount above zero.' },
      {
        title: 'more decimals than there are',
        fields: { amount: '0.0000001' },
        says: 'Use at most six decimals.',
      },
      { title: 'a slip of the finger', fields: { amount: '9999999999' }, says: 'At most' },
      {
        title: 'more than 64 bits hold',
        fields: { amount: '9223372036854.775808' },
        says: 'do not fit in 64 bits',
      },
      {
        title: 'a model that is not there',
        fields: { only: 'sandbox/imgae' },
        says: 'Did you mean sandbox/image',
      },
      {
        title: 'a kind of models that is not there',
        fields: { only: 'smell' },
        says: '"smell" is neither a model nor a kind.',
      },
      {
        title: 'a kind that is not there',
        fields: { kind: 'gift' },
        says: 'Choose one of the list.',
      },
      { title: 'a priority beyond the last', fields: { priority: '101' }, says: 'From 0 to 100.' },
      { title: 'half a priority', fields: { priority: '1.5' }, says: 'Write a whole number.' },
      { title: 'no amount', fields: { amount: '' }, says: 'Fill this in.' },
      { title: 'no reason', fields: { reason: '  ' }, says: 'Fill this in.' },
      {
        title: 'a day that is over',
        fields: { expires: '2020-01-31' },
        says: 'Choose a day that is not over yet.',
      },
    ])
    .run(async ({ assert }, { fields, says }) => {
      const { organisation, visitor, page, ledger } = await desk()
      const typed = form(fields as object as Record<string, string>)

      const answer = await visitor.post(`${page}/grants`, typed)

      assert.equal(answer.status, 422)
      assert.include(answer.text, says)
      assert.match(answer.html, /aria-invalid="true"/)
      assert.include(answer.html, `value="${typed.reference}"`)
      assert.deepEqual(await ledger.entries(organisation.id, { limit: 1 }), [])
    })

  test('to nobody is a 404', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    const answer = await visitor.post('/admin/organisations/org_nobody/grants', form())

    assert.equal(answer.status, 404)
  })
})
