import db from '@adonisjs/lucid/services/db'
import type { ApiRequest } from '@japa/api-client'
import { test } from '@japa/runner'
import { createApiKey } from '#app/identity/actions/create_api_key'
import { revokeApiKey } from '#app/identity/actions/revoke_api_key'
import { drawing, newStudio, type Body } from '#tests/functional/generations/studio'

type Studio = Awaited<ReturnType<typeof newStudio>>

const post = (studio: Studio, path: string, body: Body = {}, headers: Body = {}) =>
  studio.post(`/v1/holds${path}`).headers(headers).json(body)

async function held(studio: Studio, body: Body = { amount: '2.5' }): Promise<Body> {
  const response = await post(studio, '', body)
  response.assertStatus(201)
  return response.body()
}

test.group('A hold for the caller’s own work', () => {
  test('is opened, shown and settled, and the rest comes back', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '10' })
    const before = Date.now()

    const hold = await held(studio, {
      amount: '2.50',
      expires_in: 60,
      description: 'a print on paper',
      metadata: { order: '7' },
    })

    assert.match(hold.id, /^hld_/)
    assert.containSubset(hold, {
      object: 'hold',
      status: 'held',
      amount: '2.5',
      cost: null,
      returned: null,
      description: 'a print on paper',
      metadata: { order: '7' },
      resolved_at: null,
    })
    assert.deepEqual(
      hold.drawn.map(({ kind, amount }: Body) => [kind, amount]),
      [['admin', '2.5']]
    )
    assert.approximately(Date.parse(hold.expires_at), before + 60_000, 5000)
    const balance = await studio.get('/v1/balance')
    assert.containSubset(balance.body(), { available: '7.5', held: '2.5' })
    const shown = await studio.get(`/v1/holds/${hold.id}`)
    assert.deepEqual(shown.body(), hold)

    const settled = await post(studio, `/${hold.id}/settle`, { cost: '1.000001' })

    settled.assertStatus(200)
    settled.assertHeader('daygen-cost', '1.000001')
    assert.containSubset(settled.body(), {
      id: hold.id,
      status: 'settled',
      cost: '1.000001',
      returned: '1.499999',
    })
    const entries = await studio.get('/v1/ledger/entries?limit=1')
    assert.containSubset(entries.body().data[0], {
      kind: 'consume',
      amount: '-1.000001',
      job: null,
      hold: hold.id,
      actor: `key:${studio.key.id}`,
    })
    const usage = await studio.get('/v1/usage?group_by=provider')
    assert.containSubset(usage.body().data, [{ provider: 'own', credits: '1.000001' }])
    assert.deepEqual(await studio.violations(), [])
  })

  test('is released whole', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '10' })
    const { id } = await held(studio)

    const released = await studio.post(`/v1/holds/${id}/release`)

    released.assertStatus(200)
    assert.containSubset(released.body(), { status: 'released', cost: null, returned: '2.5' })
    const balance = await studio.get('/v1/balance')
    assert.containSubset(balance.body(), { available: '10', held: '0' })
  })

  test('lives 15 minutes when nothing is said', async ({ client, assert }) => {
    const studio = await newStudio(client)

    const hold = await held(studio)

    const lives = Date.parse(hold.expires_at) - Date.parse(hold.created_at)
    assert.approximately(lives, 900_000, 1000)
  })

  test('is swept once its time has passed, and cannot be settled then', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client, { credits: '10' })
    const { id } = await held(studio, { amount: '4', expires_in: 1 })
    let hold: Body
    do {
      await new Promise((resolve) => setTimeout(resolve, 200))
      const response = await studio.get(`/v1/holds/${id}`)
      hold = response.body()
    } while (hold.status === 'held')

    const late = await post(studio, `/${id}/settle`, { cost: '1' })

    assert.containSubset(hold, { status: 'expired', returned: '4' })
    late.assertStatus(409)
    late.assertBodyContains({ error: { code: 'hold_resolved', status: 'expired' } })
    const balance = await studio.get('/v1/balance')
    assert.containSubset(balance.body(), { available: '10', held: '0' })
  })
})

test.group('Asking twice for a hold', () => {
  const headers = { 'idempotency-key': 'print-7' }

  test('with one key is one hold, in the state it has come to', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '10' })
    const first = await post(studio, '', { amount: '2', description: 'x' }, headers)
    await post(studio, `/${first.body().id}/settle`, { cost: '1' })

    const again = await post(studio, '', { description: 'x', amount: '2' }, headers)
    const other = await post(studio, '', { amount: '3' }, headers)

    again.assertStatus(200)
    again.assertHeader('idempotent-replayed', 'true')
    assert.containSubset(again.body(), { id: first.body().id, status: 'settled' })
    other.assertStatus(409)
    other.assertBodyContains({
      error: { code: 'idempotency_key_reused', used_for: first.body().id },
    })
    assert.containSubset(await studio.kept(), { holds: 1 })
  })

  test('ten at once with one key are one', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '10' })

    const responses = await Promise.all(
      Array.from({ length: 10 }, () => post(studio, '', { amount: '2' }, headers))
    )

    assert.equal(new Set(responses.map((response) => response.body().id)).size, 1)
    assert.containSubset(await studio.kept(), { holds: 1 })
  })

  test('an end may be repeated, and another is refused by name', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '10' })
    const settled = await held(studio)
    const released = await held(studio)
    await post(studio, `/${settled.id}/settle`, { cost: '1' })
    await post(studio, `/${released.id}/release`)
    const before = await studio.kept()

    for (const path of [`/${settled.id}/settle`, `/${released.id}/release`]) {
      const again = await post(studio, path, path.endsWith('settle') ? { cost: '1.0' } : {})
      again.assertStatus(200)
      again.assertHeader('idempotent-replayed', 'true')
    }
    for (const [path, body, status] of [
      [`/${settled.id}/settle`, { cost: '2' }, 'settled'],
      [`/${settled.id}/release`, {}, 'settled'],
      [`/${released.id}/settle`, { cost: '1' }, 'released'],
    ] as const) {
      const other = await post(studio, path, body)
      other.assertStatus(409)
      other.assertBodyContains({ error: { code: 'hold_resolved', status } })
    }
    assert.deepEqual(await studio.kept(), before)
  })
})

test.group('What a hold is refused for', () => {
  test('too little credit, with the numbers', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '1' })
    const before = await studio.kept()

    const response = await post(studio, '', { amount: '1.5' })

    response.assertStatus(402)
    response.assertBodyContains({
      error: { code: 'insufficient_credits', needed: '1.5', available: '1', held: '0' },
    })
    assert.deepEqual(await studio.kept(), before)
  })

  test('a limit, with the rule', async ({ client }) => {
    const studio = await newStudio(client)
    await db.table('limit_rules').insert({
      account_id: studio.id,
      scope: 'key',
      measure: 'requests',
      window: 'month',
      max: 1,
    })
    await held(studio)

    const response = await post(studio, '', { amount: '1' })

    response.assertStatus(429)
    response.assertBodyContains({
      error: { code: 'rate_limited', limit: { rule: 'key_requests_per_month' } },
    })
  })

  test('a cost above it: nothing is charged, and the hold is still open', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { id } = await held(studio)

    const response = await post(studio, `/${id}/settle`, { cost: '2.500001' })

    response.assertStatus(422)
    response.assertBodyContains({
      error: { code: 'cost_exceeds_hold', param: '/cost', cost: '2.500001', held: '2.5' },
    })
    const shown = await studio.get(`/v1/holds/${id}`)
    assert.equal(shown.body().status, 'held')
  })

  const HUGE = '9223372036854.775808'
  test('{title}, by the name of the field')
    .with([
      { title: 'no amount', body: {}, param: '/amount' },
      { title: 'nothing to hold', body: { amount: '0' }, param: '/amount' },
      { title: 'nothing, at length', body: { amount: '0.000000' }, param: '/amount' },
      { title: 'less than nothing', body: { amount: '-1' }, param: '/amount' },
      { title: 'less than a micro-credit', body: { amount: '0.0000001' }, param: '/amount' },
      { title: 'more than 64 bits', body: { amount: HUGE }, param: '/amount' },
      { title: 'a number that is no text', body: { amount: 1 }, param: '/amount' },
      { title: 'words', body: { amount: 'much' }, param: '/amount' },
      { title: 'no time at all', body: { amount: '1', expires_in: 0 }, param: '/expires_in' },
      { title: 'too long', body: { amount: '1', expires_in: 86_401 }, param: '/expires_in' },
      { title: 'half a second', body: { amount: '1', expires_in: 1.5 }, param: '/expires_in' },
      { title: 'an unknown field', body: { amount: '1', model: 'x' }, param: '/model' },
      {
        title: 'metadata that are no texts',
        body: { amount: '1', metadata: { a: 1 } },
        param: '/metadata/a',
      },
      {
        title: 'what no database keeps',
        body: { amount: '1', description: 'a\0b' },
        param: '/description',
      },
    ])
    .run(async ({ client, assert }, { body, param }) => {
      const studio = await newStudio(client)
      const before = await studio.kept()

      const response = await post(studio, '', body)

      response.assertStatus(422)
      response.assertBodyContains({ error: { type: 'invalid_request_error', param } })
      assert.deepEqual(await studio.kept(), before)
    })

  test('a cost that is {title}, by the name of the field')
    .with([
      { title: 'missing', body: {} },
      { title: 'negative', body: { cost: '-1' } },
      { title: 'finer than a micro-credit', body: { cost: '0.0000001' } },
      { title: 'more than 64 bits', body: { cost: HUGE } },
      { title: 'a number', body: { cost: 1 } },
    ])
    .run(async ({ client, assert }, { body }) => {
      const studio = await newStudio(client)
      const { id } = await held(studio)

      const response = await post(studio, `/${id}/settle`, body)

      response.assertStatus(422)
      response.assertBodyContains({ error: { param: '/cost' } })
      const shown = await studio.get(`/v1/holds/${id}`)
      assert.equal(shown.body().status, 'held')
    })
})

test.group('Whose holds', () => {
  const ROUTES = [
    { method: 'post', path: '', body: { amount: '1' } },
    { method: 'post', path: '/:id/settle', body: { cost: '1' } },
    { method: 'post', path: '/:id/release', body: {} },
    { method: 'get', path: '/:id', body: {} },
  ] as const

  test('{method} /v1/holds{path} asks for a key with the right for it')
    .with([...ROUTES])
    .run(async ({ client, assert }, { method, path, body }) => {
      const studio = await newStudio(client)
      const { id } = await held(studio)
      const scope = method === 'get' ? 'generate' : 'read'
      const { text } = await createApiKey({ orgId: studio.id, name: 'other', scopes: [scope] })
      const url = `/v1/holds${path.replace(':id', id)}`
      const before = await studio.kept()

      const ask = (key: string | null) => {
        const request: ApiRequest = client[method](url)
        return (key === null ? request : request.bearerToken(key)).json(body)
      }
      const nobody = await ask(null)
      const unfit = await ask(text)
      await revokeApiKey(studio.key.id)
      const revoked = await ask(studio.keyText)

      nobody.assertStatus(401)
      unfit.assertStatus(403)
      unfit.assertBodyContains({ error: { code: 'scope_missing' } })
      revoked.assertStatus(401)
      assert.deepEqual(await studio.kept(), before)
    })

  test('{method} /v1/holds{path} knows neither another’s nor a generation’s')
    .with(ROUTES.slice(1))
    .run(async ({ client, assert }, { method, path, body }) => {
      const owner = await newStudio(client)
      const stranger = await newStudio(client)
      const { id } = await held(owner)
      const generation = await stranger.accepted(drawing({ prompt: 'slow:60s' }))
      const job = generation.id.replace('gen_', 'job_')

      for (const unknown of [id, job, 'hld_nothing', '%27%20or%20true']) {
        const request: ApiRequest = client[method](`/v1/holds${path.replace(':id', unknown)}`)
        const response = await request.bearerToken(stranger.keyText).json(body)
        response.assertStatus(404)
        response.assertBodyContains({ error: { code: 'hold_not_found' } })
      }
      const mine = await owner.get(`/v1/holds/${id}`)
      assert.equal(mine.body().status, 'held')
      await stranger.post(`/v1/generations/${generation.id}/cancel`)
    })
})
