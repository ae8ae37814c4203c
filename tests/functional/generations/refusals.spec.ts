import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { drawing, newPicture, newStudio, PICTURE, type Body } from './studio.js'

/** A rule of the organisation's own. */
const rule = (accountId: string, fields: Body) =>
  db.table('limit_rules').insert({ account_id: accountId, scope_id: '*', ...fields })

test.group('A request that is refused', () => {
  test('for want of credits: 402 with what is needed and what is there', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client, { credits: '0.4' })
    const before = await studio.kept()

    const response = await studio.generate(drawing(), { 'idempotency-key': 'later' })

    response.assertStatus(402)
    assert.containSubset(response.body().error, {
      type: 'insufficient_credits',
      code: 'insufficient_credits',
      needed: PICTURE,
      available: '0.4',
      held: '0',
      retryable: false,
    })
    assert.match(response.body().error.message, /Nothing was charged/)
    assert.deepEqual(await studio.kept(), before)
  })

  test('what is held is not there for another', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '0.9' })
    const { id } = await studio.accepted(drawing({ prompt: 'slow:60s' }))

    const response = await studio.generate(drawing())

    response.assertStatus(402)
    assert.containSubset(response.body().error, { available: '0.42813', held: PICTURE })
    await studio.post(`/v1/generations/${id}/cancel`)
    await studio.until(id, ({ status }) => status === 'canceled')
    const again = await studio.generate(drawing())
    again.assertStatus(202)
  })

  test('of twenty at once on credits for three, three are taken', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '1.5' })

    const responses = await Promise.all(
      Array.from({ length: 20 }, () => studio.generate(drawing({ prompt: 'slow:60s' })))
    )

    const statuses = responses.map((response) => response.status())
    assert.lengthOf(
      statuses.filter((status) => status === 202),
      3
    )
    assert.lengthOf(
      statuses.filter((status) => status === 402),
      17
    )
    for (const response of responses) {
      if (response.status() === 202) {
        await studio.post(`/v1/generations/${response.body().id}/cancel`)
      }
    }
    assert.deepEqual(await studio.violations(), [])
  })

  test('because it may cost more than the caller allows: 402 with both amounts', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const before = await studio.kept()

    const response = await studio.generate({ ...drawing(), max_credits: '0.471869' })
    const enough = await studio.generate({ ...drawing(), max_credits: PICTURE })

    response.assertStatus(402)
    assert.containSubset(response.body().error, {
      code: 'max_credits_exceeded',
      needed: PICTURE,
      limit: '0.471869',
    })
    assert.containSubset(before, { generations: 0 })
    enough.assertStatus(202)
    assert.containSubset(await studio.kept(), { generations: 1, holds: 1 })
  })

  test('because it comes too fast: 429 with the rule, its numbers and when to come back', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    await rule(studio.id, { scope: 'org', measure: 'requests', window: 'day', max: 1 })
    await studio.generated()
    const before = await studio.kept()

    const response = await studio.generate(drawing())

    response.assertStatus(429)
    const { error } = response.body()
    assert.containSubset(error, {
      type: 'rate_limit_error',
      code: 'rate_limited',
      retryable: true,
      limit: {
        rule: 'org_requests_per_day',
        scope: 'org',
        measure: 'requests',
        window: 'day',
        limit: '1',
        used: '1',
        held: '0',
        needed: '1',
      },
    })
    const seconds = Number(response.header('retry-after'))
    const left = (Date.parse(error.limit.clears_at) - Date.now()) / 1000
    assert.isTrue(Number.isInteger(seconds) && seconds >= 1 && seconds <= 86_400)
    assert.closeTo(seconds, left, 30)
    assert.deepEqual(await studio.kept(), before)
  })

  test('because it is more than a whole window: no time to wait for is told', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    await rule(studio.id, { scope: 'org', measure: 'credits', window: 'day', max: 1 })

    const response = await studio.generate(drawing())

    response.assertStatus(402)
    const { error } = response.body()
    assert.containSubset(error, { code: 'budget_exceeded', retryable: false })
    assert.isNull(error.limit.clears_at)
    assert.isUndefined(response.header('retry-after'))
    assert.include(error.message, 'more than the whole limit of 0.000001 credits per day')
  })

  test('because a budget is spent: 402, and without a time where time clears nothing', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    await rule(studio.id, { scope: 'key', measure: 'credits', window: 'total', max: 500_000 })
    await studio.generated()
    const before = await studio.kept()

    const response = await studio.generate(drawing())

    response.assertStatus(402)
    assert.containSubset(response.body().error, {
      type: 'insufficient_credits',
      code: 'budget_exceeded',
      retryable: false,
      limit: {
        scope: 'key',
        measure: 'credits',
        limit: '0.5',
        used: PICTURE,
        needed: PICTURE,
        clears_at: null,
      },
    })
    assert.notProperty(response.headers(), 'retry-after')
    assert.deepEqual(await studio.kept(), before)
  })

  test('because the account is closed: 402', async ({ client, assert }) => {
    const studio = await newStudio(client)
    await db.from('accounts').where('id', studio.id).update({ state: 'closed' })
    const before = await studio.kept()

    const response = await studio.generate(drawing())

    response.assertStatus(402)
    response.assertBodyContains({ error: { code: 'account_closed' } })
    assert.deepEqual(await studio.kept(), before)
  })
})

test.group('What is left of the limits', () => {
  test('is told with each answer, the tightest rule first', async ({ client, assert }) => {
    const studio = await newStudio(client)
    await rule(studio.id, { scope: 'org', measure: 'requests', window: 'day', max: 2 })
    await rule(studio.id, { scope: 'org', measure: 'requests', window: 'total', max: 9 })

    const first = await studio.generate(drawing())
    const poor = await studio.generate({ ...drawing(), max_credits: '0.1' })
    const second = await studio.generate(drawing())
    const refused = await studio.generate(drawing())

    assert.deepEqual(
      [first, second, refused].map((response) => response.status()),
      [202, 202, 429]
    )
    assert.match(
      first.header('ratelimit')!,
      /^"org_requests_per_day";r=1;t=\d+, "key_requests_per_minute";r=59;t=\d+, "org_requests_per_minute";r=299;t=\d+$/
    )
    assert.equal(
      first.header('ratelimit-policy'),
      '"org_requests_per_day";q=2;w=86400, "key_requests_per_minute";q=60;w=60, "org_requests_per_minute";q=300;w=60'
    )
    assert.match(second.header('ratelimit')!, /^"org_requests_per_day";r=0;/)
    assert.match(refused.header('ratelimit')!, /^"org_requests_per_day";r=0;t=\d+, /)
    const seconds = Number(refused.header('ratelimit')!.match(/t=(\d+)/)![1])
    assert.equal(refused.header('retry-after'), String(seconds))
    // It was refused before anything was counted.
    assert.notProperty(poor.headers(), 'ratelimit')
  })

  test('is told with a refusal for want of credits, which counts for nothing', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client, { credits: '0.1' })

    const answers = [await studio.generate(drawing()), await studio.generate(drawing())]

    for (const response of answers) {
      response.assertStatus(402)
      assert.match(response.header('ratelimit')!, /^"key_requests_per_minute";r=60;t=\d+, /)
    }
  })
})

test.group('A reference that is refused', () => {
  const resize = (image: unknown) => ({ model: 'local/resize', input: { image, width: 10 } })

  test('{title}: {code}, and nothing was written')
    .with([
      { title: 'a data: URL', image: 'data:image/png;base64,AAAA', code: 'reference_invalid' },
      { title: 'a name', image: 'photo.png', code: 'reference_invalid' },
      { title: 'an asset that is not there', image: 'ast_nothing', code: 'asset_not_found' },
      { title: 'this machine', image: 'https://127.0.0.1/a.png', code: 'url_not_public' },
      { title: 'this machine by name', image: 'https://localhost/a.png', code: 'url_not_public' },
      {
        title: 'this machine in one number',
        image: 'https://2130706433/a',
        code: 'url_not_public',
      },
      { title: 'a private network', image: 'https://10.0.0.1/a.png', code: 'url_not_public' },
      { title: 'a cloud’s own data', image: 'https://169.254.169.254/', code: 'url_not_public' },
      { title: 'this machine over IPv6', image: 'https://[::1]/a.png', code: 'url_not_public' },
      { title: 'IPv4 inside IPv6', image: 'https://[::ffff:127.0.0.1]/', code: 'url_not_public' },
      { title: 'no encryption', image: 'http://example.com/a.png', code: 'url_invalid' },
      { title: 'another port', image: 'https://example.com:22/', code: 'url_invalid' },
      { title: 'a password', image: 'https://u:p@example.com/', code: 'url_invalid' },
      { title: 'a number', image: 5, code: 'invalid_parameter' },
    ])
    .run(async ({ client, assert }, { image, code }) => {
      const studio = await newStudio(client)
      const before = await studio.kept()

      const response = await studio.generate(resize(image))

      response.assertStatus(422)
      response.assertBodyContains({ error: { code, param: '/input/image' } })
      assert.deepEqual(await studio.kept(), before)
    })

  test('larger than the model takes: told with both sizes', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const image = await newPicture(studio.id, 2100, 2000)
    const before = await studio.kept()

    const response = await studio.generate({ model: 'local/esrgan-2x', input: { image } })

    response.assertStatus(422)
    response.assertBodyContains({ error: { code: 'file_too_many_pixels', param: '/input/image' } })
    assert.match(response.body().error.message, /4\.2 megapixels.*at most 4 are taken/)
    assert.deepEqual(await studio.kept(), before)
  })

  test('a result beyond all bounds is refused before anything is held, or fails for nothing', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const image = await newPicture(studio.id, 2, 400)

    const response = await studio.generate(
      { model: 'local/resize', input: { image, width: 8192 } },
      { prefer: 'wait=60' }
    )

    assert.containSubset(response.body(), {
      status: 'failed',
      error: { code: 'invalid_input' },
      cost: { charged: '0' },
    })
    assert.deepEqual(await studio.violations(), [])
  })
})
