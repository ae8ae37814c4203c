import { setTimeout as wait } from 'node:timers/promises'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { publish } from '#tests/functional/pricing/book'
import { drawing, newPicture, newStudio, PICTURE, type Body } from './studio.js'

type Studio = Awaited<ReturnType<typeof newStudio>>

async function quoted(studio: Studio, body: Body = drawing()): Promise<Body> {
  const response = await studio.post('/v1/quotes').json(body)
  if (response.status() !== 201) throw new Error(response.text())
  return response.body()
}

test.group('A quote', () => {
  test('tells the ceiling with its whole derivation, and reserves nothing', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const before = await studio.kept()

    const response = await studio.post('/v1/quotes').json(drawing({ n: 2 }))

    response.assertStatus(201)
    const quote = response.body()
    response.assertHeader('location', `/v1/quotes/${quote.id}`)
    assert.match(quote.id, /^quo_[0-9a-z]{26}$/)
    assert.containSubset(quote, {
      object: 'quote',
      status: 'open',
      model: 'sandbox/image',
      ceiling: '0.943725',
      derivation: {
        lines: [
          {
            unit: 'megapixels out',
            quantity: '2.097152',
            rate: { usd: '0.03', per: 1 },
            usd: '0.06291456',
          },
        ],
        vendor_cost_usd: '0.062915',
        book: { target: '*', kind: 'markup', markup: '1.5', usd_per_credit: '0.1' },
        rounding: 'up 0.000001',
        credits: '0.943725',
      },
    })
    assert.closeTo(Date.parse(quote.expires_at) - Date.parse(quote.created_at), 900_000, 1000)
    assert.deepEqual(await studio.kept(), before)
    const again = await studio.get(`/v1/quotes/${quote.id}`)
    assert.deepEqual(again.body(), quote)
  })

  test('is charged at its price, and the receipt names it', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const quote = await quoted(studio)

    const generation = await studio.generated({ ...drawing(), quote_id: quote.id })

    assert.equal(generation.cost.charged, PICTURE)
    const receipt = await studio.receipt(generation.id)
    assert.containSubset(receipt, {
      quote: quote.id,
      priced_with: {
        vendor_price: quote.derivation.vendor_price.version,
        book: quote.derivation.book.page,
        rounding: 'up 0.000001',
      },
    })
    assert.deepEqual(await studio.violations(), [])
  })

  test('holds for the same input however it is written', async ({ client }) => {
    const studio = await newStudio(client)
    const quote = await quoted(studio, drawing())

    const response = await studio.generate({
      input: { n: 1, aspect_ratio: '1:1', format: 'jpeg', prompt: 'a lighthouse' },
      quote_id: quote.id,
      model: 'sandbox/image',
    })

    response.assertStatus(202)
  })

  test('is charged at most its ceiling, whatever the vendor measures', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const dear = drawing({ prompt: 'a lake cost:+50%' })
    const quote = await quoted(studio, dear)

    const generation = await studio.generated({ ...dear, quote_id: quote.id })

    assert.equal(generation.cost.charged, quote.ceiling)
    const { losses } = await studio.receipt(generation.id)
    assert.containSubset(losses, [{ kind: 'overrun' }])
  })

  test('is charged less where less was delivered', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const order = drawing({ prompt: 'a lake partial:1/2', n: 2 })
    const quote = await quoted(studio, order)

    const { cost, delivered } = await studio.generated({ ...order, quote_id: quote.id })

    assert.equal(delivered, 1)
    assert.equal(cost.charged, PICTURE)
  })

  test('keeps its price and its versions when the book has changed meanwhile', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newStudio(client)
    const quote = await quoted(studio)
    cleanup(await publish({ target: 'sandbox/image', markup: '3', usdPerCredit: '0.10' }))

    const locked = await studio.generated({ ...drawing(), quote_id: quote.id })
    const today = await studio.generated()

    assert.equal(locked.cost.charged, PICTURE)
    assert.equal(today.cost.charged, '0.94374')
  })

  test('can be used with max_credits above its ceiling, and not below', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const quote = await quoted(studio)

    const low = await studio.generate({ ...drawing(), quote_id: quote.id, max_credits: '0.4' })
    const high = await studio.generate({ ...drawing(), quote_id: quote.id, max_credits: PICTURE })

    low.assertStatus(402)
    low.assertBodyContains({ error: { code: 'max_credits_exceeded', needed: PICTURE } })
    high.assertStatus(202)
    assert.equal(high.body().cost.held, PICTURE)
  })

  test('a repeat with its idempotency key is the same generation, even when it has expired', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const quote = await quoted(studio, { ...drawing(), expires_in: 1 })
    const body = { ...drawing(), quote_id: quote.id }
    const first = await studio.accepted(body, { 'idempotency-key': 'once' })
    await wait(1100)

    const second = await studio.generate(body, { 'idempotency-key': 'once' })

    assert.equal(second.header('idempotent-replayed'), 'true')
    assert.equal(second.body().id, first.id)
  })

  test('of a file holds for its content, by whatever id', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const [image, copy] = [await newPicture(studio.id, 40), await newPicture(studio.id, 40)]
    const other = await newPicture(studio.id, 41)
    const order = (file: string) => ({ model: 'local/esrgan-2x', input: { image: file } })
    const quote = await quoted(studio, order(image))

    const same = await studio.generate({ ...order(copy), quote_id: quote.id })
    const wrong = await studio.generate({ ...order(other), quote_id: quote.id })

    assert.notEqual(copy, image)
    same.assertStatus(202)
    wrong.assertStatus(409)
    wrong.assertBodyContains({ error: { code: 'quote_mismatch', param: '/quote_id' } })
  })
})

test.group('A quote that does not hold', () => {
  test('another input, another model: 409, and nothing is written', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const quote = await quoted(studio)
    const before = await studio.kept()

    const others = [
      drawing({ n: 2 }),
      drawing({ prompt: 'A lighthouse' }),
      { model: 'sandbox/video', input: { prompt: 'a lighthouse' } },
    ]
    for (const other of others) {
      const response = await studio.generate({ ...other, quote_id: quote.id })
      response.assertStatus(409)
      response.assertBodyContains({ error: { code: 'quote_mismatch', param: '/quote_id' } })
    }

    assert.deepEqual(await studio.kept(), before)
  })

  test('expired: 410, and it can still be read', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const quote = await quoted(studio, { ...drawing(), expires_in: 1 })
    const before = await studio.kept()
    await wait(1100)

    const response = await studio.generate({ ...drawing(), quote_id: quote.id })

    response.assertStatus(410)
    response.assertBodyContains({ error: { code: 'quote_expired', param: '/quote_id' } })
    assert.deepEqual(await studio.kept(), before)
    const read = await studio.get(`/v1/quotes/${quote.id}`)
    assert.equal(read.body().status, 'expired')
  })

  test('unknown, or another’s: 404 in both ways', async ({ client, assert }) => {
    const [studio, other] = [await newStudio(client), await newStudio(client)]
    const { id } = await quoted(other)
    const before = await studio.kept()

    for (const quoteId of [id, 'quo_nothing', 'x']) {
      const used = await studio.generate({ ...drawing(), quote_id: quoteId })
      used.assertStatus(404)
      used.assertBodyContains({ error: { code: 'quote_not_found', param: '/quote_id' } })
      const read = await studio.get(`/v1/quotes/${quoteId}`)
      read.assertStatus(404)
    }
    assert.deepEqual(await studio.kept(), before)
  })

  test('altered in the database, in any part: 409', async ({ client }) => {
    const studio = await newStudio(client)
    const forgeries: Body[] = [
      { ceiling_micro: 1 },
      { expires_at: new Date('2099-01-01') },
      { price_pins: '{"candidates": {}}' },
      { seal: 'x' },
    ]
    for (const forgery of forgeries) {
      const { id } = await quoted(studio)
      await db.from('quotes').where({ account_id: studio.id, id }).update(forgery)

      const response = await studio.generate({ ...drawing(), quote_id: id })

      response.assertStatus(409)
      response.assertBodyContains({ error: { code: 'quote_invalid' } })
    }
  })

  test('{title} is refused before anything is kept')
    .with([
      {
        title: 'a model that is not there',
        body: { model: 'x/y', input: {} },
        status: 404,
        param: '/model',
      },
      { title: 'a wrong input', body: drawing({ n: 9 }), status: 422, param: '/input/n' },
      { title: 'an unknown field', body: { ...drawing(), ttl: 5 }, status: 422, param: '/ttl' },
      {
        title: 'no time at all',
        body: { ...drawing(), expires_in: 0 },
        status: 422,
        param: '/expires_in',
      },
      {
        title: 'a negative time',
        body: { ...drawing(), expires_in: -5 },
        status: 422,
        param: '/expires_in',
      },
      {
        title: 'a part of a second',
        body: { ...drawing(), expires_in: 1.5 },
        status: 422,
        param: '/expires_in',
      },
      {
        title: 'a year',
        body: { ...drawing(), expires_in: 31_536_000 },
        status: 422,
        param: '/expires_in',
      },
    ])
    .run(async ({ client, assert }, { body, status, param }) => {
      const studio = await newStudio(client)

      const response = await studio.post('/v1/quotes').json(body)

      response.assertStatus(status)
      assert.equal(response.body().error.param, param)
      const [{ total }] = await db.from('quotes').where('account_id', studio.id).count('* as total')
      assert.equal(Number(total), 0)
    })

  test('a key that may only read makes none', async ({ client }) => {
    const studio = await newStudio(client, { scopes: ['read'] })

    const response = await studio.post('/v1/quotes').json(drawing())

    response.assertStatus(403)
  })
})
