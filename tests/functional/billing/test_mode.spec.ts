import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import type { ApiClient } from '@japa/api-client'
import { AdvanceClock } from '#app/billing/actions/advance_clock'
import { createApiKey } from '#app/identity/actions/create_api_key'
import { OpenTestAccount } from '#app/identity/actions/open_test_account'
import { PICTURE, drawing, newStudio, type Body } from '#tests/functional/generations/studio'

/** A studio, and what a test key of it can do. */
async function studioWithTestKey(client: ApiClient) {
  const live = await newStudio(client)
  const open = await app.container.make(OpenTestAccount)
  const account = await open.handle(live.organisation)
  const { text } = await createApiKey({ orgId: account.id, name: 'test' })
  const get = async (path: string): Promise<Body> => {
    const response = await client.get(path).bearerToken(text)
    return response.body()
  }
  const generate = (body: Body) =>
    client.post('/v1/generations').bearerToken(text).header('prefer', 'wait=60').json(body)
  return { live, account, text, get, generate }
}

test.group('A test key', () => {
  test('begins with dg_test_, and has test credits of its own', async ({ client, assert }) => {
    const { live, text, get } = await studioWithTestKey(client)

    assert.match(text, /^dg_test_/)
    assert.containSubset(await get('/v1/balance'), { available: '1000', held: '0' })
    const response = await live.get('/v1/balance')
    assert.containSubset(response.body(), { available: '100' })
  })

  test('pays with test credits, and sees nothing of the live account', async ({
    client,
    assert,
  }) => {
    const { live, get, generate } = await studioWithTestKey(client)
    const real = await live.generated()

    const made = await generate(drawing())

    made.assertStatus(200)
    assert.equal(made.body().status, 'succeeded')
    assert.containSubset(await get('/v1/balance'), { available: `${1000 - Number(PICTURE)}` })
    const { data } = await get('/v1/generations')
    assert.deepEqual(
      data.map(({ id }: Body) => id),
      [made.body().id]
    )
    const { error } = await get(`/v1/generations/${real.id}`)
    assert.equal(error.code, 'generation_not_found')
    const usage = await get('/v1/usage?group_by=model')
    assert.containSubset(usage.data, [{ model: 'sandbox/image', attempts: 1, credits: PICTURE }])
    const entries = await get('/v1/ledger/entries')
    assert.lengthOf(entries.data, 2)
  })

  test('leaves no trace in what a live key sees', async ({ client, assert }) => {
    const { live, generate } = await studioWithTestKey(client)
    const before = await live.kept()

    const made = await generate(drawing())

    assert.deepEqual(await live.kept(), before)
    const seen = await live.get(`/v1/generations/${made.body().id}`)
    seen.assertStatus(404)
    const [usage, list] = [await live.get('/v1/usage'), await live.get('/v1/generations')]
    assert.deepEqual([usage.body().data, list.body().data], [[], []])
  })

  test('is refused a real model, with what it may use instead, and nothing is written', async ({
    client,
    assert,
  }) => {
    const { get, generate } = await studioWithTestKey(client)

    const refused = await generate({ model: 'local/resize', input: { image: 'ast_x' } })

    refused.assertStatus(422)
    assert.containSubset(refused.body().error, {
      code: 'model_not_in_test_mode',
      param: '/model',
      message:
        'local/resize is real, and test keys use models that only pretend. Use sandbox/image or sandbox/video, or a live key.',
    })
    assert.containSubset(await get('/v1/balance'), { available: '1000', held: '0' })
  })

  test('is told only the models it may use', async ({ client, assert }) => {
    const { live, get } = await studioWithTestKey(client)

    const { data } = await get('/v1/models')

    assert.deepEqual(
      data.map(({ id }: Body) => id),
      ['sandbox/image', 'sandbox/video']
    )
    const all = await live.get('/v1/models')
    assert.isAbove(all.body().data.length, 2)
  })

  test('reads limits and usage by the clock of its account', async ({ client, assert }) => {
    const { account, get, generate } = await studioWithTestKey(client)
    await generate(drawing())
    const advance = await app.container.make(AdvanceClock)
    const to = new Date(Date.now() + 40 * 86_400_000)
    await advance.handle(account.id, to)

    await generate(drawing())

    const { data } = await get('/v1/limits')
    for (const { clears_at: clears } of data) assert.isAbove(Date.parse(clears), to.getTime() - 1)
    const range = `from=${to.toISOString()}&to=${new Date(to.getTime() + 86_400_000).toISOString()}`
    const usage = await get(`/v1/usage?group_by=model&${range}`)
    assert.containSubset(usage.data, [{ attempts: 1 }])
    const entries = await get('/v1/ledger/entries')
    assert.isAtLeast(Date.parse(entries.data[0].created_at), to.getTime())
  })
})

test.group('A test account', () => {
  test('is one, however many open it at once', async ({ client, assert }) => {
    const { organisation } = await newStudio(client)
    const open = await app.container.make(OpenTestAccount)

    const accounts = await Promise.all(Array.from({ length: 8 }, () => open.handle(organisation)))

    assert.equal(new Set(accounts.map(({ id }) => id)).size, 1)
    const db = await app.container.make('lucid.db')
    const grants = await db.from('grants').where('account_id', accounts[0].id)
    assert.lengthOf(grants, 1)
  })
})
