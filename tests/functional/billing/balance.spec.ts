import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Credits } from '#core/ledger/credits'
import { RefundCredits } from '#app/billing/actions/refund_credits'
import { grant } from '#tests/factories'
import { drawing, newStudio, PICTURE, type Body } from '#tests/functional/generations/studio'

test.group('The balance', () => {
  test('says what is there, what is held and what is owed, as decimal texts', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client, { credits: '1' })
    const { id } = await studio.accepted(drawing({ prompt: 'slow:60s' }))

    const response = await studio.get('/v1/balance')

    response.assertStatus(200)
    assert.deepEqual(response.body(), {
      object: 'balance',
      available: '0.52813',
      held: PICTURE,
      overdraft: '0',
    })
    await studio.post(`/v1/generations/${id}/cancel`)
  })

  test('is zero for an organisation that was never given any', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '0' })

    const response = await studio.get('/v1/balance')

    assert.containSubset(response.body(), { available: '0', held: '0', overdraft: '0' })
  })
})

test.group('The balance of an instant', () => {
  test('is what it was then, with what each grant had', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '1' })
    const between = new Date()
    await new Promise((resolve) => setTimeout(resolve, 5))
    await grant(studio.id, '4')
    await studio.generated()

    const then = await studio.get(`/v1/balance?at=${between.toISOString()}`)
    const now = await studio.get(`/v1/balance?at=${new Date().toISOString()}`)

    then.assertStatus(200)
    assert.containSubset(then.body(), {
      object: 'balance',
      at: between.toISOString(),
      available: '1',
      held: '0',
      overdraft: '0',
      grants: [{ kind: 'admin', priority: 50, expires_at: null, available: '1', held: '0' }],
    })
    assert.lengthOf(then.body().grants, 1)
    assert.containSubset(now.body(), { available: '4.52813', held: '0' })
    assert.lengthOf(now.body().grants, 2)
  })

  test('of {at} is refused by the name of the field')
    .with([
      { at: '2999-01-01T00:00:00Z', says: 'lies ahead' },
      { at: 'yesterday', says: 'ISO 8601' },
      { at: '2030-02-31T25:00:00Z', says: 'ISO 8601' },
    ])
    .run(async ({ client, assert }, { at, says }) => {
      const studio = await newStudio(client)

      const response = await studio.get(`/v1/balance?at=${at}`)

      response.assertStatus(400)
      response.assertBodyContains({ error: { code: 'invalid_query', param: 'at' } })
      assert.include(response.body().error.message, says)
    })
})

test.group('The entries of the ledger', () => {
  test('tell each movement with its amount, its balance and who moved it', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client, { credits: '5' })
    const { id } = await studio.generated()

    const response = await studio.get('/v1/ledger/entries')

    response.assertStatus(200)
    const [consumed, granted] = response.body().data
    assert.equal(response.body().object, 'list')
    assert.isNull(response.body().next_cursor)
    assert.containSubset(granted, {
      object: 'ledger_entry',
      seq: '1',
      kind: 'grant',
      amount: '5',
      balance_after: '5',
      job: null,
      actor: 'system:test',
      reason: 'for a test',
    })
    assert.containSubset(consumed, {
      seq: '2',
      kind: 'consume',
      amount: `-${PICTURE}`,
      balance_after: '4.52813',
      grant: granted.grant,
      job: id.replace('gen_', 'job_'),
      actor: 'system:worker',
      reason: null,
    })
  })

  test('come in pages, the newest first', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '0' })
    for (const amount of ['1', '2', '3', '4', '5']) await grant(studio.id, amount)

    const first = await studio.get('/v1/ledger/entries?limit=2')
    const second = await studio.get(`/v1/ledger/entries?limit=2&cursor=${first.body().next_cursor}`)
    const third = await studio.get(`/v1/ledger/entries?limit=2&cursor=${second.body().next_cursor}`)

    const amounts = [first, second, third].map((page) =>
      page.body().data.map(({ amount }: Body) => amount)
    )
    assert.deepEqual(amounts, [['5', '4'], ['3', '2'], ['1']])
    assert.isNull(third.body().next_cursor)
  })

  test('add up to the balance, whatever happened', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '20' })
    await studio.generated(drawing({ prompt: 'cost:+90%' }))
    await studio.generated(drawing({ prompt: 'partial:1/3', n: 3 }))
    await studio.generated(drawing({ prompt: 'fail:moderation' }))
    await studio.generated(drawing({ prompt: 'fail:transient' }))

    const entries = await studio.get('/v1/ledger/entries')
    const balance = await studio.get('/v1/balance')

    const micro = (decimal: string) => Math.round(Number(decimal) * 1e6)
    const sum = entries
      .body()
      .data.reduce((total: number, { amount }: Body) => total + micro(amount), 0)
    assert.equal(sum, micro(balance.body().available))
    assert.equal(entries.body().data[0].balance_after, balance.body().available)
    assert.deepEqual(await studio.violations(), [])
  })
})

test.group('The receipt of a generation', () => {
  test('adds up: what was held is charged or returned, drawn and entered', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client, { credits: '0.3' })
    await grant(studio.id, '5')
    const { id } = await studio.generated(drawing({ prompt: 'partial:1/2', n: 2 }))

    const response = await studio.get(`/v1/generations/${id}/receipt`)

    response.assertStatus(200)
    const receipt = response.body()
    assert.containSubset(receipt, { object: 'receipt', generation: id, status: 'succeeded' })
    const micro = (decimal: string) => Math.round(Number(decimal) * 1e6)
    const sum = (amounts: Body[], field = 'amount') =>
      amounts.reduce((total, one) => total + micro(one[field]), 0)
    assert.equal(micro(receipt.charged) + micro(receipt.returned), micro(receipt.hold.amount))
    assert.equal(sum(receipt.hold.drawn), micro(receipt.hold.amount))
    assert.equal(-sum(receipt.entries), micro(receipt.charged))
    assert.equal(sum(receipt.attempts, 'price'), micro(receipt.charged))
    assert.deepEqual(
      receipt.hold.drawn.map(({ amount }: Body) => amount),
      ['0.3', '0.643725']
    )
    assert.lengthOf(receipt.entries, 2)
  })

  test('tells what was refunded since, and what the platform ate', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { id } = await studio.generated(drawing({ prompt: 'cost:+90%' }))
    const refund = await app.container.make(RefundCredits)
    await refund.handle({
      accountId: studio.id,
      holdId: id.replace('gen_', 'job_'),
      amount: Credits.parse('0.1'),
      reference: 'r1',
      actor: 'system:test',
      reason: 'it was upside down',
    })

    const receipt = await studio.receipt(id)

    assert.containSubset(receipt, { charged: PICTURE, refunded: '0.1', returned: '0' })
    assert.containSubset(receipt.hold.drawn, [{ kind: 'admin', priority: 50, expires_at: null }])
    assert.containSubset(receipt.entries[1], {
      kind: 'refund',
      amount: '0.1',
      reason: 'it was upside down',
    })
    assert.lengthOf(receipt.losses, 1)
    assert.containSubset(receipt.losses[0], { kind: 'overrun', attempt: 1, assumed: false })
    assert.deepEqual(await studio.violations(), [])
  })

  test('of one that runs says what is held, and charges nothing yet', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { id } = await studio.accepted(drawing({ prompt: 'slow:60s' }))

    const receipt = await studio.receipt(id)

    assert.containSubset(receipt, {
      hold: { amount: PICTURE, state: 'held' },
      charged: '0',
      returned: '0',
      entries: [],
      attempts: [],
    })
    await studio.post(`/v1/generations/${id}/cancel`)
  })
})
