import { randomUUID } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Ledger } from '#core/ledger/ledger'
import { newOrganisation } from '#tests/factories'
import { drawing, newStudio, PICTURE } from '#tests/functional/generations/studio'
import { newSignedInOperator } from './visitor.js'

const form = (fields: Record<string, string> = {}) => ({
  amount: '0.25',
  reason: 'It was upside down',
  reference: randomUUID(),
  ...fields,
})

/** What a form may hold that is no movement, whichever it is for. */
const WRONG = [
  {
    title: 'more decimals than there are',
    fields: { amount: '0.0000001' },
    says: 'Use at most six decimals.',
  },
  {
    title: 'more than 64 bits hold',
    fields: { amount: '9223372036854.775808' },
    says: 'do not fit in 64 bits',
  },
  { title: 'words', fields: { amount: 'much' }, says: 'is not an amount' },
  { title: 'no amount', fields: { amount: '' }, says: 'Fill this in.' },
  { title: 'no reason', fields: { reason: '  ' }, says: 'Fill this in.' },
  { title: 'a cut-off reference', fields: { reference: 'x' }, says: 'Reload the page' },
]

test.group('Refunding a generation in the console', () => {
  async function desk(client: Parameters<typeof newStudio>[0], prompt = 'a lake') {
    const studio = await newStudio(client, { credits: '5' })
    const { id } = await studio.generated(drawing({ prompt }))
    const { user, visitor } = await newSignedInOperator()
    const page = `/admin/generations/${id}`
    return { studio, user, visitor, page, first: await visitor.get(page) }
  }

  test('gives it back with the operator and the reason, and shows it in the ledger', async ({
    client,
    assert,
  }) => {
    const { studio, user, visitor, page, first } = await desk(client)

    const done = await visitor.post(`${page}/refunds`, form())

    assert.include(first.text, 'At most 0.47187.')
    assert.equal(done.location, page)
    const ledger = await app.container.make(Ledger)
    const [entry] = await ledger.entries(studio.id, { limit: 1 })
    assert.equal(entry.kind, 'refund')
    assert.equal(`${entry.amount}`, '0.25')
    assert.equal(entry.actor, `user:${user.id}`)
    const shown = await visitor.get(page)
    assert.include(shown.text, '0.25 credits refunded.')
    assert.include(shown.text, 'Refunded since')
    assert.include(shown.text, 'At most 0.22187.')
    const organisation = await visitor.get(`/admin/organisations/${studio.id}`)
    assert.include(organisation.text, 'It was upside down by Test Operator')
    assert.deepEqual(await studio.violations(), [])
  })

  test('twice with one form refunds once', async ({ client, assert }) => {
    const { studio, visitor, page } = await desk(client)
    const pressed = form()

    await visitor.post(`${page}/refunds`, pressed)
    await visitor.post(`${page}/refunds`, pressed)

    const balance = await studio.get('/v1/balance')
    assert.equal(balance.body().available, '4.77813')
    const shown = await visitor.get(page)
    assert.include(shown.text, 'This refund was booked before. Nothing was added.')
  })

  test('above what was charged is refused beside the field', async ({ client, assert }) => {
    const { studio, visitor, page } = await desk(client)
    const before = await studio.kept()

    const answer = await visitor.post(`${page}/refunds`, form({ amount: '0.471871' }))

    assert.equal(answer.status, 422)
    assert.include(answer.text, `At most ${PICTURE} credits can be refunded`)
    assert.deepEqual(await studio.kept(), before)
  })

  test('is not offered for what cost nothing, and refused', async ({ client, assert }) => {
    const { visitor, page, first } = await desk(client, 'fail:moderation')

    const answer = await visitor.post(`${page}/refunds`, form())

    assert.notInclude(first.html, `${page}/refunds`)
    assert.equal(answer.status, 422)
  })

  test('with {title} is refused beside the field, and keeps what was typed')
    .with([
      ...WRONG,
      { title: 'nothing', fields: { amount: '0' }, says: 'Write an amount above zero.' },
      { title: 'less than nothing', fields: { amount: '-1' }, says: 'Write an amount above zero.' },
    ])
    .run(async ({ client, assert }, { fields, says }) => {
      const { studio, visitor, page } = await desk(client)
      const before = await studio.kept()
      const typed = { ...form(), ...fields }

      const answer = await visitor.post(`${page}/refunds`, typed as Record<string, string>)

      assert.equal(answer.status, 422)
      assert.include(answer.text, says)
      assert.include(answer.html, `value="${typed.reference}"`)
      assert.deepEqual(await studio.kept(), before)
    })

  test('of nothing is a 404, and only operators come so far', async ({ client, assert }) => {
    const { visitor, page } = await desk(client)

    const nothing = await visitor.post('/admin/generations/gen_nothing/refunds', form())
    const reloaded = await visitor.get(`${page}/refunds`)
    visitor.cookies.delete('adonis-session')
    visitor.cookies.clear()
    const nobody = await visitor.post(`${page}/refunds`, form())

    assert.equal(nothing.status, 404)
    assert.equal(reloaded.location, page)
    assert.notEqual(nobody.location, page)
    assert.notEqual(nobody.status, 200)
  })
})

test.group('Correcting a balance in the console', () => {
  async function desk() {
    const { organisation } = await newOrganisation({ credits: '10' })
    const { user, visitor } = await newSignedInOperator()
    const page = `/admin/organisations/${organisation.id}`
    await visitor.get(page)
    const ledger = await app.container.make(Ledger)
    const available = async () => {
      const balance = await ledger.balance(organisation.id)
      return `${balance.available}`
    }
    return { organisation, user, visitor, page, ledger, available }
  }

  test('by {amount} writes it with the operator and the reason, and shows it')
    .with([
      { amount: '2.5', left: '12.5', kind: 'grant', says: 'was corrected by +2.50 credits' },
      { amount: '-4', left: '6', kind: 'correct', says: 'was corrected by −4.00 credits' },
    ])
    .run(async ({ assert }, { amount, left, kind, says }) => {
      const { organisation, user, visitor, page, ledger, available } = await desk()

      const done = await visitor.post(`${page}/corrections`, form({ amount, reason: 'Twice' }))

      assert.equal(done.location, page)
      assert.equal(await available(), left)
      const [entry] = await ledger.entries(organisation.id, { limit: 1 })
      assert.equal(entry.kind, kind)
      assert.equal(entry.actor, `user:${user.id}`)
      const shown = await visitor.get(page)
      assert.include(shown.text, says)
      assert.include(shown.text, 'Twice by Test Operator')
    })

  test('twice with one form corrects once', async ({ assert }) => {
    const { visitor, page, available } = await desk()
    const pressed = form({ amount: '-4' })

    await visitor.post(`${page}/corrections`, pressed)
    await visitor.post(`${page}/corrections`, pressed)

    assert.equal(await available(), '6')
    const shown = await visitor.get(page)
    assert.include(shown.text, 'This correction was booked before. Nothing was changed.')
  })

  test('with {title} is refused beside the field, and keeps what was typed')
    .with([
      ...WRONG,
      { title: 'nothing', fields: { amount: '0' }, says: 'Write an amount such as 5' },
      {
        title: 'more than there is',
        fields: { amount: '-10.000001' },
        says: 'Only 10 credits are available',
      },
    ])
    .run(async ({ assert }, { fields, says }) => {
      const { organisation, visitor, page, ledger } = await desk()
      const typed = { ...form(), ...fields }

      const answer = await visitor.post(`${page}/corrections`, typed as Record<string, string>)

      assert.equal(answer.status, 422)
      assert.include(answer.text, says)
      assert.include(answer.html, `value="${typed.reference}"`)
      assert.lengthOf(await ledger.entries(organisation.id, { limit: 5 }), 1)
    })

  test('of nobody is a 404, and a reload leads back', async ({ assert }) => {
    const { visitor, page } = await desk()

    const nobody = await visitor.post('/admin/organisations/org_nobody/corrections', form())
    const reloaded = await visitor.get(`${page}/corrections`)

    assert.equal(nobody.status, 404)
    assert.equal(reloaded.location, page)
  })
})
