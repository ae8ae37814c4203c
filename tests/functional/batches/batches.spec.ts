import { randomUUID } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import type { ApiResponse } from '@japa/api-client'
import { test } from '@japa/runner'
import { RedriveJob } from '#app/jobs/actions/redrive_job'
import { AdvanceBatch } from '#app/batches/actions/advance_batch'
import { FeedBatch } from '#app/batches/actions/feed_batch'
import { batchToAdvanceQuery } from '#app/batches/queries/batch_to_advance_query'
import { grant } from '#tests/factories'
import { PICTURE, type Body } from '#tests/functional/generations/studio'
import { hasEnded, item, items, newBatchStudio } from './batch_studio.js'

const never = new AbortController().signal

async function toAdvance(accountId: string, id: string) {
  const { job_id: jobId } = await db.from('batches').where({ id }).firstOrFail()
  return { batch: (await batchToAdvanceQuery({ accountId, id, jobId }))!, jobId }
}

async function generationsOf(accountId: string): Promise<number> {
  const rows = await db.from('generations').where({ account_id: accountId })
  return rows.length
}

test.group('A batch', (group) => {
  group.each.timeout(30_000)

  test('makes all of its items and says what came of each', async ({ client, assert }) => {
    const studio = await newBatchStudio(client)
    const body = {
      items: [...items(3), item({ prompt: 'fail:moderation' }, { metadata: { row: '4' } })],
      max_credits: '20',
      metadata: { list: 'spring' },
    }

    const asked = await studio.batch(body)
    const done = await studio.batchUntil(asked.id, hasEnded)

    assert.containSubset(asked, {
      object: 'batch',
      status: 'running',
      metadata: { list: 'spring' },
    })
    assert.equal(asked.credits.estimate, '1.88748')
    assert.containSubset(done, {
      status: 'completed',
      items: { total: 4, succeeded: 3, failed: 1, waiting: 0, running: 0, skipped: 0 },
      credits: { held: '0', charged: '1.41561' },
      report: {
        delivered: 3,
        charged: '1.41561',
        returned: PICTURE,
        failed: { blocked_input: 1 },
        skipped: {},
      },
      waiting_for: null,
    })
    const told = await studio.items(asked.id)
    assert.deepEqual(
      told.map(({ index, status }) => [index, status]),
      [
        [0, 'succeeded'],
        [1, 'succeeded'],
        [2, 'succeeded'],
        [3, 'failed'],
      ]
    )
    assert.containSubset(told[3], { metadata: { row: '4' }, error: { class: 'blocked_input' } })
    const made = await studio.get(`/v1/generations/${told[0].generation}`)
    assert.containSubset(made.body(), { status: 'succeeded', cost: { charged: PICTURE } })
    const kept = await db.from('batch_items').where({ batch_id: asked.id }).whereNotNull('input')
    assert.lengthOf(kept, 0)
    assert.deepEqual(await studio.violations(), [])
  })

  test('with one bad item is refused by that item, and nothing is kept', async ({
    client,
    assert,
  }) => {
    const studio = await newBatchStudio(client)
    const before = await studio.kept()

    const response = await studio.ask({ items: [...items(17), item({ width: 'wide' }), item()] })

    response.assertStatus(422)
    assert.equal(response.body().error.param, '/items/17/input/width')
    assert.deepEqual(await studio.kept(), before)
    assert.lengthOf(await db.from('batches').where({ account_id: studio.id }), 0)
  })

  for (const [title, body, param] of [
    ['no items', { items: [] }, '/items'],
    ['too many items', { items: Array.from({ length: 10_001 }, () => item()) }, '/items'],
    ['a field that is none', { items: [item()], budget: '5' }, '/budget'],
    ['a field of an item that is none', { items: [item({}, { seed: 5 })] }, '/items/0/seed'],
    ['a model that is none', { items: [item(), { model: 'x/y', input: {} }] }, '/items/1/model'],
    ['a deadline that is over', { items: [item()], deadline: '2020-01-01T00:00Z' }, '/deadline'],
    ['a deadline that is no day', { items: [item()], deadline: '2030-13-41T00:00Z' }, '/deadline'],
    ['a deadline too far away', { items: [item()], deadline: '2999-01-01T00:00Z' }, '/deadline'],
    ['a budget of nothing', { items: [item()], max_credits: '0' }, '/max_credits'],
    ['no body', {}, '/items'],
  ] as [string, Body, string][]) {
    test(`with ${title} is refused`, async ({ client, assert }) => {
      const studio = await newBatchStudio(client)

      const response = await studio.ask(body)

      assert.include([404, 422], response.status())
      assert.equal(response.body().error.param, param)
    })
  }

  test('that is asked for twice is one, and another with its key is refused', async ({
    client,
    assert,
  }) => {
    const studio = await newBatchStudio(client)
    const key = { 'idempotency-key': randomUUID() }
    const body = { items: items(2) }

    const [one, two] = await Promise.all([studio.ask(body, key), studio.ask(body, key)])
    const other = await studio.ask({ items: items(3) }, key)

    assert.equal(one.body().id, two.body().id)
    other.assertStatus(409)
    assert.containSubset(other.body().error, {
      code: 'idempotency_key_reused',
      batch: one.body().id,
    })
    await studio.batchUntil(one.body().id, hasEnded)
    assert.equal(await generationsOf(studio.id), 2)
  })

  test('of another organisation is none', async ({ client }) => {
    const studio = await newBatchStudio(client)
    const stranger = await newBatchStudio(client)
    const { id } = await studio.batch({ items: items(1) })

    const answers = await Promise.all([
      stranger.get(`/v1/batches/${id}`),
      stranger.get(`/v1/batches/${id}/items`),
      stranger.post(`/v1/batches/${id}/cancel`),
    ])

    for (const answer of answers) answer.assertStatus(404)
    await studio.batchUntil(id, ({ status }) => status === 'completed')
  })

  test('never costs more than its budget, whoever feeds it at once', async ({ client, assert }) => {
    const studio = await newBatchStudio(client)
    // Room for three of ten.
    const { id } = await studio.batch({ items: items(10), max_credits: '1.5' })
    const feed = await app.container.make(FeedBatch)
    const { batch } = await toAdvance(studio.id, id)

    await Promise.all([feed.handle(batch, 0, never), feed.handle(batch, 0, never)])
    const done = await studio.batchUntil(id, hasEnded)

    assert.containSubset(done, {
      status: 'completed',
      items: { succeeded: 3, skipped: 7 },
      report: { charged: '1.41561', skipped: { budget: 7 } },
    })
    assert.equal(await generationsOf(studio.id), 3)
    assert.deepEqual(await studio.violations(), [])
  })

  test('that lacks credits pauses with its refusal, and a grant resumes it', async ({
    client,
    assert,
  }) => {
    const studio = await newBatchStudio(client, { credits: '1' })
    const { id } = await studio.batch({ items: items(4) })

    const paused = await studio.batchUntil(id, ({ status }) => status === 'paused')
    const refusalId = paused.waiting_for.refusal_id
    await grant(studio.id, '5')
    const done = await studio.batchUntil(id, hasEnded)

    assert.containSubset(paused, {
      items: { succeeded: 2, waiting: 2 },
      waiting_for: { code: 'insufficient_credits' },
    })
    assert.isAbove(Date.parse(paused.waiting_for.looks_again_at), Date.now() + 60_000)
    const refusal = await studio.get(`/v1/refusals/${refusalId}`)
    refusal.assertStatus(200)
    assert.containSubset(done, { status: 'completed', items: { succeeded: 4 } })
    assert.deepEqual(await studio.violations(), [])
  })

  test('that has used up a budget of its hour pauses, and its next hour resumes it', async ({
    client,
    assert,
  }) => {
    const studio = await newBatchStudio(client)
    await db.table('limit_rules').insert({
      account_id: studio.id,
      scope: 'org',
      scope_id: '*',
      measure: 'credits',
      window: 'hour',
      max: 1_000_000,
      on_exceed: 'refuse',
    })
    const { id } = await studio.batch({ items: items(4) })

    const paused = await studio.batchUntil(id, ({ status }) => status === 'paused')
    // As if its hour had passed.
    await db.rawQuery(
      `update counters set window_start = window_start - interval '1 hour',
         window_end = window_end - interval '1 hour'
       where account_id = ? and measure = 'credits' and "window" = 'hour'`,
      [studio.id]
    )
    await studio.lookNow(id)
    const done = await studio.batchUntil(id, hasEnded)

    assert.containSubset(paused, {
      items: { succeeded: 2, waiting: 2 },
      waiting_for: { code: 'budget_exceeded' },
    })
    assert.containSubset(done, { status: 'completed', items: { succeeded: 4 } })
    assert.deepEqual(await studio.violations(), [])
  })

  test('and its items are read a page at a time', async ({ client, assert }) => {
    const studio = await newBatchStudio(client)
    const ids: string[] = []
    for (let n = 0; n < 3; n++) {
      const { id } = await studio.batch({ items: items(5) })
      ids.unshift(id)
      await studio.batchUntil(id, hasEnded)
    }
    const walk = async (path: string, limit: number) => {
      const pages: Body[][] = []
      for (let cursor: string | null = ''; cursor !== null;) {
        const page: ApiResponse = await studio.get(path).qs(cursor ? { limit, cursor } : { limit })
        page.assertStatus(200)
        pages.push(page.body().data)
        cursor = page.body().next_cursor
      }
      return pages
    }

    const batches = await walk('/v1/batches', 2)
    const read = await walk(`/v1/batches/${ids[0]}/items`, 2)
    const odd = await studio.get(`/v1/batches/${ids[0]}/items`).qs({ cursor: 'nonsense' })

    assert.deepEqual(
      batches.map((page) => page.map(({ id }) => id)),
      [ids.slice(0, 2), ids.slice(2)]
    )
    assert.deepEqual(
      read.map((page) => page.map(({ index }) => index)),
      [[0, 1], [2, 3], [4]]
    )
    odd.assertStatus(400)
  })

  test('of more than 8 MB is refused unread, and one of a little less is read', async ({
    client,
    assert,
  }) => {
    const studio = await newBatchStudio(client)
    const filled = (bytes: number) => {
      const body = { items: items(1), padding: '' }
      return { ...body, padding: 'x'.repeat(bytes - JSON.stringify(body).length) }
    }
    const limit = 8 * 1024 * 1024

    const [whole, above] = [await studio.ask(filled(limit)), await studio.ask(filled(limit + 1))]

    whole.assertStatus(422)
    assert.equal(whole.body().error.param, '/padding')
    above.assertStatus(413)
    assert.equal(await generationsOf(studio.id), 0)
  })

  test('has an item that failed done again as the same item, within its budget', async ({
    client,
    assert,
  }) => {
    const studio = await newBatchStudio(client)
    const { id } = await studio.batch({
      items: [item(), item({ prompt: 'fail:provider' })],
      max_credits: '1',
    })
    await studio.batchUntil(id, hasEnded)
    const [, failed] = await studio.items(id)
    const redrive = await app.container.make(RedriveJob)
    const jobId = failed.generation.replace('gen_', 'job_')

    const request = { accountId: studio.id, jobId, metered: true, actor: 'system:test' } as const
    const outcome = await redrive.handle(request)

    if (outcome.outcome !== 'started') throw new Error(JSON.stringify(outcome))
    await studio.until(outcome.generationId, ({ finished_at: at }) => at !== null)
    const [, again] = await studio.items(id)
    assert.equal(again.generation, outcome.generationId)
    const counted = await db.from('counters').where({ account_id: studio.id, scope_id: id })
    const [{ used, held }] = counted.filter(({ scope }) => scope === 'batch')
    assert.deepEqual([Number(used), Number(held)], [471_870, 0])
    const row = await db.from('generations').where({ id: outcome.generationId }).firstOrFail()
    assert.equal(row.batch_id, id)
    const counts = await db
      .from('idempotency_keys')
      .where({ account_id: studio.id, generation_id: outcome.generationId })
    assert.lengthOf(counts, 1)
  })

  test('goes as fast as a limit lets it', async ({ client, assert }) => {
    const studio = await newBatchStudio(client)
    await db.table('limit_rules').insert({
      account_id: studio.id,
      scope: 'org',
      scope_id: '*',
      measure: 'concurrency',
      window: 'total',
      max: 2,
      on_exceed: 'refuse',
    })
    const { id } = await studio.batch({ items: items(5, { prompt: 'slow:300ms' }) })

    let most = 0
    const done = await studio.batchUntil(id, (batch) => {
      most = Math.max(most, batch.items.running + batch.items.queued)
      return hasEnded(batch)
    })

    assert.isAtMost(most, 2)
    assert.containSubset(done, { status: 'completed', items: { succeeded: 5 } })
  })

  test('waits for the window of a limit of its speed to end', async ({ client, assert }) => {
    const studio = await newBatchStudio(client)
    await db.table('limit_rules').insert({
      account_id: studio.id,
      scope: 'org',
      scope_id: '*',
      measure: 'requests',
      window: 'hour',
      max: 2,
      on_exceed: 'refuse',
    })
    const { id } = await studio.batch({ items: items(4) })

    const waiting = await studio.batchUntil(id, ({ waiting_for: why }) => why !== null)

    assert.containSubset(waiting, { status: 'running', waiting_for: { code: 'rate_limited' } })
    const { look_at: at } = await db.from('batches').where({ id }).firstOrFail()
    const { window_end: end } = await db
      .from('counters')
      .where({ account_id: studio.id, measure: 'requests', window: 'hour' })
      .firstOrFail()
    assert.closeTo(at.getTime(), end.getTime(), 1_000)
    await studio.post(`/v1/batches/${id}/cancel`)
    await studio.batchUntil(id, hasEnded)
  })

  test('that is canceled starts nothing more and stops what is under way', async ({
    client,
    assert,
  }) => {
    const studio = await newBatchStudio(client)
    const { id } = await studio.batch({ items: items(60, { prompt: 'slow:60s' }) })
    await studio.batchUntil(id, ({ items: { running } }) => running > 0)

    const canceled = await studio.post(`/v1/batches/${id}/cancel`)
    const done = await studio.batchUntil(id, hasEnded)
    const again = await studio.post(`/v1/batches/${id}/cancel`)

    assert.equal(canceled.body().resolution, 'requested')
    assert.equal(canceled.body().ending_as, 'canceled')
    assert.containSubset(done, {
      status: 'canceled',
      items: { queued: 0, running: 0, waiting: 0 },
      credits: { held: '0', charged: '0' },
    })
    assert.equal(done.items.canceled + done.items.skipped, 60)
    assert.equal(done.report.skipped.canceled, done.items.skipped)
    assert.equal(again.body().resolution, 'resolved')
    assert.deepEqual(await studio.violations(), [])
  })

  test('ends at its deadline, with what was not begun skipped', async ({ client, assert }) => {
    const studio = await newBatchStudio(client)
    const { id } = await studio.batch({
      items: items(60, { prompt: 'slow:60s' }),
      deadline: new Date(Date.now() + 3_000).toISOString(),
    })
    await studio.batchUntil(id, ({ items: { running } }) => running > 0)

    const done = await studio.batchUntil(id, hasEnded)

    assert.containSubset(done, { status: 'expired', items: { waiting: 0, running: 0, queued: 0 } })
    assert.isAtLeast(done.report.skipped.deadline, 10)
    assert.deepEqual(await studio.violations(), [])
  })

  test('whose worker dies between two starts starts no item twice', async ({ client, assert }) => {
    const studio = await newBatchStudio(client)
    const { id } = await studio.batch({ items: items(6) })
    const { batch, jobId } = await toAdvance(studio.id, id)
    const feed = await app.container.make(FeedBatch)
    // It starts three, and nobody is left to write that down.
    await feed.handle(batch, 47, never)
    const advance = await app.container.make(AdvanceBatch)

    const job = { accountId: studio.id, id: jobId, payload: { batch: id } }
    await Promise.all([advance.handle(job, never), advance.handle(job, never)])
    const done = await studio.batchUntil(id, hasEnded)

    assert.containSubset(done, { status: 'completed', items: { succeeded: 6 } })
    assert.equal(await generationsOf(studio.id), 6)
    assert.deepEqual(await studio.violations(), [])
  })
})
