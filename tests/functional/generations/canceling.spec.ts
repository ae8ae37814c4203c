import { test } from '@japa/runner'
import worker from '#config/worker'
import { drawing, lasting, newStudio, type Body } from './studio.js'

test.group('Canceling a generation', () => {
  const balanceOf = async (studio: Awaited<ReturnType<typeof newStudio>>) => {
    const response = await studio.get('/v1/balance')
    const { available, held } = response.body()
    return { available, held }
  }

  test('one that waits for its turn ends at once, and is free', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const busy: Body[] = []
    for (let index = 0; index < worker.concurrency; index++) {
      busy.push(await studio.accepted(drawing({ prompt: 'slow:60s' })))
    }
    for (const { id } of busy) await studio.until(id, ({ status }) => status === 'running')
    const waiting = await studio.accepted()

    const response = await studio.post(`/v1/generations/${waiting.id}/cancel`)

    response.assertStatus(200)
    assert.containSubset(response.body(), {
      resolution: 'canceled',
      status: 'canceled',
      cost: { held: '0', charged: '0' },
    })
    await Promise.all(busy.map(({ id }) => studio.post(`/v1/generations/${id}/cancel`)))
    for (const { id } of busy) await studio.until(id, ({ status }) => status === 'canceled')
    assert.deepEqual(await balanceOf(studio), { available: '100', held: '0' })
    assert.deepEqual(await studio.violations(), [])
  })

  test('one that runs is asked to stop, does, and costs nothing', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { id } = await studio.accepted(drawing({ prompt: 'a lake slow:60s' }))
    await studio.until(id, ({ status }) => status === 'running')

    const response = await studio.post(`/v1/generations/${id}/cancel`)

    response.assertStatus(200)
    assert.containSubset(response.body(), { resolution: 'requested', cancel_requested: true })
    const ended = await studio.until(id, ({ finished_at: end }) => end !== null)
    assert.containSubset(ended, { status: 'canceled', delivered: 0, cost: { charged: '0' } })
    const { attempts } = await studio.receipt(id)
    assert.containSubset(attempts, [{ attempt: 1, status: 'canceled', price: '0' }])
    assert.deepEqual(await balanceOf(studio), { available: '100', held: '0' })
  })

  test('one that has ended stays as it is', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const done = await studio.generated()

    const response = await studio.post(`/v1/generations/${done.id}/cancel`)

    response.assertStatus(200)
    assert.deepEqual(lasting(response.body()), { ...lasting(done), resolution: 'resolved' })
  })

  test('whoever waits for it learns that it was canceled', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const headers = { 'idempotency-key': 'waiting' }
    const { id } = await studio.accepted(drawing({ prompt: 'slow:60s' }), headers)
    const waiting = studio
      .generate(drawing({ prompt: 'slow:60s' }), { ...headers, prefer: 'wait=60' })
      .then((response) => response)
    await studio.until(id, ({ status }) => status === 'running')

    await studio.post(`/v1/generations/${id}/cancel`)

    const response = await waiting
    response.assertStatus(200)
    assert.equal(response.body().status, 'canceled')
  })

  test('twenty cancels at once have one outcome', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { id } = await studio.accepted(drawing({ prompt: 'slow:60s' }))

    const responses = await Promise.all(
      Array.from({ length: 20 }, () => studio.post(`/v1/generations/${id}/cancel`))
    )

    for (const response of responses) response.assertStatus(200)
    await studio.until(id, ({ status }) => status === 'canceled')
    const { kept } = studio
    assert.containSubset(await kept(), { generations: 1, entries: 1, losses: 0 })
    assert.deepEqual(await studio.violations(), [])
  })
})
