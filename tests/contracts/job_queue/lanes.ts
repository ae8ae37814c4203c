import { test } from '@japa/runner'
import type { ClaimLimits } from '#core/queue/claim_limits'
import type { NewJob } from '#core/queue/plain_jobs'
import type { ClaimedJob } from '#core/queue/types'
import { leaseOf, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

const KIND = 'errand'

/** How accounts share what is handed out, and what is never handed out beyond limits. */
export function lanesSuite(world: () => World) {
  const take = (
    limit: number,
    {
      limits,
      queue = world().queue,
      kinds = [KIND, 'other', 'generation'],
    }: {
      limits?: ClaimLimits
      queue?: World['queue']
      kinds?: string[]
    } = {}
  ): Promise<ClaimedJob[]> =>
    queue.claim({ worker: 'worker', kinds, limit, leaseMs: 30_000, limits })
  const add = async (accountId: string, count: number, options: Partial<NewJob> = {}) => {
    const jobs = Array.from({ length: count }, () => ({
      accountId,
      kind: KIND,
      payload: {},
      ...options,
    }))
    const added = await world().queue.add(jobs)
    return added.map(({ jobId }) => jobId)
  }
  const end = (jobs: ClaimedJob[]) =>
    Promise.all(jobs.map((job) => world().queue.finish(leaseOf(job), { state: 'succeeded' })))
  const accountsOf = (jobs: ClaimedJob[]) => jobs.map(({ accountId }) => accountId)
  const countBy = (values: string[]) =>
    values.reduce<Record<string, number>>((counts, one) => {
      counts[one] = (counts[one] ?? 0) + 1
      return counts
    }, {})

  test("one account's 1,000 jobs never stand before another's first", async ({ assert }) => {
    const [many, one] = [await world().newAccount(), await world().newAccount()]
    await add(many, 1_000)
    await take(4)
    const [first] = await add(one, 1)

    const next = await take(4)

    assert.include(
      next.map(({ id }) => id),
      first
    )
    assert.lengthOf(next, 4)
  })

  test('accounts that all have much share each batch, and each round, evenly', async ({
    assert,
  }) => {
    const accounts = []
    for (let n = 0; n < 5; n++) accounts.push(await world().newAccount())
    for (const account of accounts) await add(account, 20)

    const batch = await take(10)
    const single = []
    for (let n = 0; n < 15; n++) single.push(...(await take(1)))

    assert.deepEqual(countBy(accountsOf(batch)), Object.fromEntries(accounts.map((id) => [id, 2])))
    assert.deepEqual(countBy(accountsOf(single)), Object.fromEntries(accounts.map((id) => [id, 3])))
  })

  test('what one account leaves of a batch goes to the others', async ({ assert }) => {
    const [little, much] = [await world().newAccount(), await world().newAccount()]
    await add(little, 1)
    await add(much, 30)

    const batch = await take(10)

    assert.deepEqual(countBy(accountsOf(batch)), { [little]: 1, [much]: 9 })
  })

  test('a priority counts within an account, and puts nobody before another account', async ({
    assert,
  }) => {
    const [pushy, modest] = [await world().newAccount(), await world().newAccount()]
    const low = await add(pushy, 2)
    const [high] = await add(pushy, 1, { priority: 100 })
    const [plain] = await add(modest, 1)

    const batch = await take(2)

    assert.sameMembers(
      batch.map(({ id }) => id),
      [high, plain]
    )
    const rest = await take(5)
    assert.sameMembers(
      rest.map(({ id }) => id),
      low
    )
  })

  test('a job that fails again and again does not keep its lane from the others', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const [poison] = await add(account, 1, { priority: 100 })
    const good = await add(account, 5)
    const done = []

    for (let round = 0; round < 12 && done.length < good.length; round++) {
      const [job] = await take(1)
      if (job.id === poison) {
        const error = { class: 'internal', message: 'It broke.' } as const
        const runAt = new Date(Date.now() + 60_000)
        await world().queue.retry(leaseOf(job), { runAt, error })
      } else {
        done.push(job.id)
        await end([job])
      }
    }

    assert.sameMembers(done, good)
  })

  test('a job that kills its workers does not keep its lane from the others', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const [poison] = await add(account, 1, { priority: 100 })
    const good = await add(account, 3)

    const [dead] = await take(1)
    const others = await take(1)
    await world().endLease({ accountId: account, jobId: poison })
    await world().queue.requeueLost(10)
    const [again] = await take(1)
    others.push(...(await take(5)))

    assert.deepEqual([dead.id, again.id], [poison, poison])
    assert.sameMembers(
      others.map(({ id }) => id),
      good
    )
  })

  test('a job without a live hold does not keep its lane, or another, from the others', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const broken = await started(world(), account)
    const whole = await started(world(), account)
    const elsewhere = await started(world(), await world().newAccount())

    await world().withoutHold(broken, async () => {
      const jobs = await take(1)
      jobs.push(...(await take(5)))
      assert.sameMembers(
        jobs.map(({ id }) => id),
        [whole.jobId, elsewhere.jobId]
      )
    })
  })

  const limited: Record<string, (accounts: string[]) => [ClaimLimits, expected: number]> = {
    'a kind': () => [{ kinds: { [KIND]: 3 } }, 3],
    'an account': () => [{ accounts: { [KIND]: 2 } }, 4],
    'each, the least': () => [{ kinds: { [KIND]: 3 }, accounts: { [KIND]: 1 } }, 2],
    'nothing of this kind': () => [{ kinds: { other: 1 }, accounts: { other: 1 } }, 12],
  }
  test('with a limit for {$self} no more run at once, in whatever batches they are taken')
    .with(Object.keys(limited))
    .run(async ({ assert }, what) => {
      const accounts = [await world().newAccount(), await world().newAccount()]
      const [limits, expected] = limited[what](accounts)
      for (const account of accounts) await add(account, 6)

      const running = [...(await take(2, { limits })), ...(await take(20, { limits }))]
      assert.lengthOf(running, expected)
      assert.deepEqual(await take(20, { limits }), [])

      await end(running.slice(0, 1))
      assert.lengthOf(await take(20, { limits }), expected === 12 ? 0 : 1)
    })

  test('a provider that is full keeps only its own jobs waiting', async ({ assert }) => {
    const account = await world().newAccount()
    for (let n = 0; n < 3; n++) await started(world(), account, { provider: 'acme' })
    const other = await started(world(), account, { provider: 'zenith', model: 'zenith/one' })
    const limits = { providers: { acme: 2 } }

    const running = await take(10, { limits })

    assert.lengthOf(running, 3)
    assert.include(
      running.map(({ id }) => id),
      other.jobId
    )
    assert.deepEqual(await take(10, { limits }), [])
  })

  test('a provider that is away keeps only its own jobs waiting, until it is back', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const waiting = await started(world(), account, { provider: 'acme' })
    const other = await started(world(), account, { provider: 'zenith', model: 'zenith/one' })

    const running = await take(10, { limits: { unavailable: ['acme'] } })
    const later = await take(10, { limits: { unavailable: [] } })

    assert.deepEqual(
      [running, later].map((jobs) => jobs.map(({ id }) => id)),
      [[other.jobId], [waiting.jobId]]
    )
  })

  test('workers that claim at once keep a limit exactly', async ({ assert }) => {
    for (let n = 0; n < 4; n++) await add(await world().newAccount(), 20)
    const other = await world().neighbour()
    const limits = { kinds: { [KIND]: 10 }, accounts: { [KIND]: 4 } }

    const batches = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        take(3, { limits, queue: n % 2 ? world().queue : other.queue })
      )
    )
    await other.close()

    const counts = countBy(accountsOf(batches.flat()))
    assert.lengthOf(batches.flat(), 10)
    assert.isAtMost(Math.max(...Object.values(counts)), 4)
  })

  test('a job that is being added while its lane runs empty is found', async ({ assert }) => {
    const account = await world().newAccount()
    await add(account, 1)

    await world().transaction(async (transaction) => {
      await world().queue.add([{ accountId: account, kind: KIND, payload: {} }], transaction)
      assert.lengthOf(await take(5), 1)
      assert.lengthOf(await take(5), 0)
      return 'commit'
    })

    assert.lengthOf(await take(5), 1)
  })

  test('jobs that are added and taken by many at once are all found, each once', async ({
    assert,
  }) => {
    const accounts = [await world().newAccount(), await world().newAccount()]
    const other = await world().neighbour()
    const taken: string[] = []
    const added: string[] = []

    await Promise.all([
      ...Array.from({ length: 4 }, async (_, n) => {
        for (let round = 0; round < 25; round++) added.push(...(await add(accounts[n % 2], 1)))
      }),
      ...Array.from({ length: 4 }, async (_, n) => {
        const queue = n % 2 ? world().queue : other.queue
        for (let round = 0; round < 40; round++) {
          const jobs = await take(3, { queue })
          taken.push(...jobs.map(({ id }) => id))
        }
      }),
    ])
    for (let jobs = await take(50); jobs.length > 0; jobs = await take(50)) {
      taken.push(...jobs.map(({ id }) => id))
    }
    await other.close()

    assert.lengthOf(taken, 100)
    assert.sameMembers(taken, added)
  })
}
