import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { PostgresMeteredJobs } from '#adapters/queue/postgres_metered_jobs'
import { FileStore } from '#app/assets/file_store'
import { deleteFiles } from '#app/assets/actions/delete_files'
import worker from '#config/worker'
import { drawing, newPicture, newStudio, PICTURE, type Body } from './studio.js'

/** Makes the next calls of a method fail as if what it needs were away. Answers how many still will. */
function takeAway<Name extends string>(
  owner: { [name in Name]: (...words: any[]) => Promise<unknown> },
  name: Name,
  { code, times, undo }: { code: string; times: number; undo(cleanup: () => void): void }
) {
  const method = owner[name]
  let left = times
  owner[name] = function (...words) {
    if (left === 0) return method.apply(this, words)
    left--
    return Promise.reject(Object.assign(new Error('away'), { code }))
  }
  undo(() => (owner[name] = method))
  return () => left
}

test.group('When a generation does not go as asked', () => {
  test('what was delivered is charged, and the rest comes back', async ({ client, assert }) => {
    const studio = await newStudio(client)

    const generation = await studio.generated(drawing({ prompt: 'partial:2/4', n: 4 }))

    assert.containSubset(generation, { status: 'succeeded', requested: 4, delivered: 2 })
    assert.lengthOf(generation.outputs, 2)
    const receipt = await studio.receipt(generation.id)
    // ⌈4.194304 MP × $0.03⌉ × 15 were held, ⌈2.097152 MP × $0.03⌉ × 15 are charged.
    assert.containSubset(receipt, {
      requested: 4,
      delivered: 2,
      hold: { amount: '1.88745', state: 'settled' },
      charged: '0.943725',
      returned: '0.943725',
      losses: [],
    })
  })

  test('what cost more than was held is charged up to the hold, and the rest is our loss', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)

    const { id, cost } = await studio.generated(drawing({ prompt: 'a lake cost:+50%' }))

    assert.equal(cost.charged, PICTURE)
    const receipt = await studio.receipt(id)
    assert.containSubset(receipt, { hold: { amount: PICTURE }, charged: PICTURE, returned: '0' })
    // ⌈1.572864 MP × $0.03⌉ × 15 = 0.70779, less the hold.
    assert.deepEqual(receipt.losses, [
      { kind: 'overrun', attempt: 1, price: '0.23592', assumed: false },
    ])
    assert.deepEqual(await studio.violations(), [])
  })

  test('what cost less is charged less', async ({ client, assert }) => {
    const studio = await newStudio(client)

    const { cost } = await studio.generated(drawing({ prompt: 'a lake cost:-50%' }))

    assert.equal(cost.charged, '0.235935')
  })

  test('a vendor that is busy for a moment is asked again, and charged for once', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)

    const { id, status, cost } = await studio.generated(drawing({ prompt: 'fail:transient' }))

    assert.deepEqual([status, cost.charged], ['succeeded', PICTURE])
    const { attempts, entries } = await studio.receipt(id)
    assert.deepEqual(
      attempts.map((one: Body) => [one.attempt, one.status, one.error, one.price]),
      [
        [1, 'failed', 'transient_before_accept', '0'],
        [2, 'succeeded', null, PICTURE],
      ]
    )
    assert.deepEqual(
      entries.map(({ kind, amount }: Body) => [kind, amount]),
      [['consume', `-${PICTURE}`]]
    )
  })

  test('{prompt} costs the platform what the vendor bills, and the user nothing')
    .with([
      { prompt: 'fail:output', losses: [] },
      { prompt: 'fail:lost', losses: ['asset_lost'] },
      // A sandbox knows its jobs by their ids, so it may be asked as often as a busy vendor.
      { prompt: 'fail:unknown', losses: ['unknown'], attempt: 4 },
    ])
    .run(async ({ client, assert }, { prompt, losses, attempt = 1 }) => {
      const studio = await newStudio(client)

      const { id, status, cost } = await studio.generated(drawing({ prompt }))

      assert.deepEqual([status, cost.charged], ['failed', '0'])
      // ⌈1.048576 MP × $0.03⌉ in micro-dollars.
      const [event] = await db.from('usage_events').where('account_id', studio.id)
      assert.equal(Number(event.vendor_cost_micro_usd), 31_458)
      const receipt = await studio.receipt(id)
      assert.deepEqual(
        receipt.losses,
        losses.map((kind) => ({ kind, attempt, price: PICTURE, assumed: true }))
      )
      assert.deepEqual(await studio.violations(), [])
    })

  test('waiting for a slot is no attempt', async ({ client, assert }) => {
    const studio = await newStudio(client)

    const { id, status } = await studio.generated(drawing({ prompt: 'fail:rate' }))

    assert.equal(status, 'succeeded')
    const { attempts } = await studio.receipt(id)
    assert.deepEqual(
      attempts.map((one: Body) => [one.attempt, one.status]),
      [[1, 'succeeded']]
    )
  })

  test('{prompt} fails as {code} after {tries} tries, and nothing is charged')
    .with([
      { prompt: 'fail:moderation', code: 'blocked_input', tries: 1 },
      { prompt: 'fail:output', code: 'blocked_output', tries: 1 },
      { prompt: 'fail:provider', code: 'provider_failed', tries: 2 },
      { prompt: 'partial:0/1', code: 'no_output', tries: 2 },
      { prompt: 'fail:transient:9', code: 'transient_before_accept', tries: 4 },
    ])
    .run(async ({ client, assert }, { prompt, code, tries }) => {
      const studio = await newStudio(client)

      const generation = await studio.generated(drawing({ prompt }))

      assert.containSubset(generation, {
        status: 'failed',
        delivered: 0,
        outputs: [],
        error: { code },
        cost: { held: '0', charged: '0' },
      })
      assert.isNotEmpty(generation.error.message)
      const receipt = await studio.receipt(generation.id)
      assert.containSubset(receipt, {
        hold: { amount: PICTURE, state: 'released' },
        charged: '0',
        returned: PICTURE,
        entries: [],
        losses: [],
      })
      assert.lengthOf(receipt.attempts, tries)
      assert.deepEqual(await studio.violations(), [])
    })

  test(
    '{what} is waited for: it is no attempt, no fault of the provider, and nothing is drawn twice'
  )
    .with([
      { what: 'a full disk', owner: FileStore.prototype, name: 'put', code: 'ENOSPC' },
      {
        what: 'a database that is away',
        owner: PostgresMeteredJobs.prototype,
        name: 'finish',
        code: '57P01',
      },
    ] as const)
    .run(async ({ client, assert, cleanup }, { owner, name, code }) => {
      const studio = await newStudio(client)
      const left = takeAway(owner as never, name as never, { code, times: 3, undo: cleanup })
      const { id, status, cost } = await studio.generated(drawing())

      assert.deepEqual([status, cost.charged, left()], ['succeeded', PICTURE, 0])
      const { attempts } = await studio.receipt(id)
      assert.deepEqual(
        attempts.map((one: Body) => [one.attempt, one.status, one.error]),
        [[1, 'succeeded', null]]
      )
      const stored = await db.from('assets').where('account_id', studio.id)
      assert.lengthOf(stored, 1)
      assert.deepEqual(await studio.violations(), [])
    })

  test('a database that is away when a failure is to be written loses no try', async ({
    client,
    assert,
    cleanup,
  }) => {
    const studio = await newStudio(client)
    const left = takeAway(PostgresMeteredJobs.prototype, 'finish', {
      code: '08006',
      times: 2,
      undo: cleanup,
    })

    const { id, error } = await studio.generated(drawing({ prompt: 'fail:moderation' }))

    assert.deepEqual([error.code, left()], ['blocked_input', 0])
    const { attempts } = await studio.receipt(id)
    assert.lengthOf(attempts, 1)
  })

  test('a reference that is gone when the work begins fails it, and nothing is charged', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const image = await newPicture(studio.id)
    const busy: Body[] = []
    for (let index = 0; index < worker.concurrency; index++) {
      busy.push(await studio.accepted(drawing({ prompt: 'slow:60s' })))
    }
    for (const { id } of busy) await studio.until(id, ({ status }) => status === 'running')
    const { id } = await studio.accepted({ model: 'local/resize', input: { image } })
    await deleteFiles({ accountId: studio.id, assetIds: [image] })
    await Promise.all(busy.map((one) => studio.post(`/v1/generations/${one.id}/cancel`)))

    const failed = await studio.until(id, ({ finished_at: end }) => end !== null)

    assert.containSubset(failed, {
      status: 'failed',
      error: { code: 'invalid_input' },
      cost: { charged: '0' },
    })
  })

  test('one that is not done by its deadline expires, and nothing is charged', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const deadline = new Date(Date.now() + 1500).toISOString()

    const { id, ...accepted } = await studio.accepted({
      ...drawing({ prompt: 'slow:60s' }),
      deadline,
    })

    assert.equal(accepted.deadline, deadline)
    const ended = await studio.until(id, ({ finished_at: end }) => end !== null)
    assert.containSubset(ended, {
      status: 'expired',
      error: { code: 'deadline' },
      cost: { charged: '0' },
    })
    const { hold } = await studio.receipt(id)
    assert.equal(hold.state, 'expired')
    assert.deepEqual(await studio.violations(), [])
  })

  test('a model that is no longer offered fails what still waits for it, and nothing is charged', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { id } = await studio.accepted(drawing({ prompt: 'fail:rate' }))
    await db.from('generations').where('id', id).update({ model: 'sandbox/forgotten' })

    const failed = await studio.until(id, ({ finished_at: end }) => end !== null)

    assert.containSubset(failed, { status: 'failed', error: { code: 'model_retired' } })
    assert.deepEqual(await studio.violations(), [])
  })
})
