import { test } from '@japa/runner'
import limiter from '@adonisjs/limiter/services/main'
import redis from '@adonisjs/redis/services/main'
import { EdgeLimits } from '#app/middleware/edge_limits'
import settings from '#config/edge_limits'
import { newStudio } from '../generations/studio.js'

/** As if it had called so often already. */
const called = (limit: keyof typeof settings, subject: string, times: number) => {
  const { requests, seconds } = settings[limit]
  return limiter
    .use('memory', { requests, duration: seconds })
    .set(`${limit}_${subject}`, times, seconds)
}

test.group('Limits at the edge', () => {
  test('are told with every answer', async ({ client, assert }) => {
    const studio = await newStudio(client)

    const first = await studio.get('/v1/balance')
    const second = await studio.get('/v1/balance')

    assert.equal(first.header('ratelimit-policy'), '"calls";q=1200;w=60')
    assert.match(String(first.header('ratelimit')), /^"calls";r=1199;t=\d+$/)
    assert.match(String(second.header('ratelimit')), /^"calls";r=1198;t=\d+$/)
  })

  test('refuse a key that calls too often, and no other: 429 with when to come back', async ({
    client,
    assert,
  }) => {
    const [studio, other] = [await newStudio(client), await newStudio(client)]
    await called('calls', studio.key.id, 1200)

    const refused = await studio.get('/v1/generations')
    const served = await other.get('/v1/generations')

    refused.assertStatus(429)
    refused.assertBodyContains({
      error: { type: 'rate_limit_error', code: 'too_many_requests', retryable: true },
    })
    const wait = Number(refused.header('retry-after'))
    assert.isTrue(wait >= 1 && wait <= 60)
    served.assertStatus(200)
  })

  test('do not count what the hold call counts', async ({ client, assert }) => {
    const studio = await newStudio(client)
    await called('calls', studio.key.id, 1200)

    const response = await studio.generate({ model: 'sandbox/image', input: { prompt: 'x' } })

    response.assertStatus(202)
    assert.match(String(response.header('ratelimit')), /^"key_requests_per_minute";r=59;/)
  })

  test('count wrong keys by address', async ({ client }) => {
    await called('wrongKeys', '127.0.0.1', settings.wrongKeys.requests)

    const wrong = await client.get('/v1/balance').bearerToken('dg_live_wrong')
    const studio = await newStudio(client)
    const right = await studio.get('/v1/balance')
    await called('wrongKeys', '127.0.0.1', 0)

    wrong.assertStatus(429)
    right.assertStatus(200)
  })

  test('go on without Redis: nobody waits for it and nobody gets an error', async ({
    assert,
    cleanup,
  }) => {
    const connection = redis.connection('main')
    connection.ioConnection.disconnect()
    cleanup(() => redis.disconnect('main'))
    const limits = new EdgeLimits(true)
    const subject = crypto.randomUUID()

    for (let call = 0; call < settings.signIns.requests; call++) {
      await limits.consume('signIns', subject)
    }

    await assert.rejects(() => limits.consume('signIns', subject), /Too many requests/i)
    await limits.forgive('signIns', subject)
    await limits.consume('signIns', subject)
  })
})
