import { test } from '@japa/runner'
import type { ClaimedJob, Lease } from '#core/queue/types'
import { HOUR, job, settled, setUp, until } from './workbench.js'

test.group('Worker', () => {
  test('it runs as many jobs at once as it may, and the next when one ends', async ({ assert }) => {
    const { bench, make, calls } = setUp(['a', 'b', 'c', 'd'].map((id) => job(id)))
    const worker = make()

    worker.start()
    await settled()
    assert.deepEqual(bench.ids, ['a', 'b'])
    bench.open[0].end()
    await settled()

    assert.deepEqual(bench.ids, ['b', 'c'])
    assert.deepEqual(calls.limits, [2, 1])
    await worker.stop()
  })

  test('it claims within the limits of the moment', async ({ assert }) => {
    const claims: unknown[] = []
    let unavailable: string[] = []
    const { make, listeners } = setUp([], {
      claim: async ({ limits }: { limits: unknown }) => {
        claims.push(limits)
        return []
      },
    })
    const worker = make({}, {}, [], () => ({ unavailable }))
    worker.start()
    await settled()

    unavailable = ['acme']
    listeners.work()
    await settled()

    assert.deepEqual(claims, [{ unavailable: [] }, { unavailable: ['acme'] }])
    await worker.stop()
  })

  test('work apart takes no place of the others and waits for none', async ({ assert }) => {
    const errand = (id: string) => ({ ...job(id), kind: 'errand' })
    const waiting = [errand('x'), errand('y'), ...['a', 'b', 'c'].map((id) => job(id))]
    const { bench, apart, make } = setUp(waiting)
    const worker = make({}, {}, [], undefined, { withApart: true })

    worker.start()
    await settled()
    assert.deepEqual([bench.ids, apart.ids], [['a', 'b'], ['x']])
    apart.open[0].end()
    // Looked for again a moment later, and not by the others' places.
    await until(() => apart.ids.includes('y'))

    assert.deepEqual([bench.ids, apart.ids], [['a', 'b'], ['y']])
    await worker.stop()
  })

  test('told of a job while its places are taken, it takes only work apart', async ({ assert }) => {
    const asked: string[][] = []
    const place = { dueAt: new Date(), isDue: true, isBarred: false }
    const answers: unknown[] = [
      { is: 'claimed', job: job('a'), cancelRequested: false },
      { is: 'waiting', kind: 'work', ...place },
      { is: 'claimed', job: { ...job('x'), kind: 'errand' }, cancelRequested: false },
    ]
    const { bench, apart, make } = setUp([], {
      delivery: 'push',
      claimOne: async ({ kinds }: { kinds: string[] }) => {
        asked.push(kinds)
        return answers.shift()
      },
      standing: async () => ({ is: 'ended', state: 'succeeded' }),
    })
    const worker = make({}, { concurrency: 1 }, [], undefined, { withApart: true })
    worker.start()
    const tell = (jobId: string) => worker.deliver({ accountId: 'org_a', jobId })

    const first = tell('a')
    await settled()
    const refused = await tell('b')
    const errand = tell('x')
    await settled()
    const full = await tell('y')

    assert.deepEqual(asked, [['work', 'errand'], ['errand'], ['errand']])
    assert.deepEqual(
      [refused, full],
      Array(2).fill({ effect: 'none', standing: null, why: 'full' })
    )
    assert.deepEqual([bench.ids, apart.ids], [['a'], ['x']])
    bench.open[0].end()
    apart.open[0].end()
    assert.containSubset(await Promise.all([first, errand]), [
      { effect: 'worked' },
      { effect: 'worked' },
    ])
    await worker.stop()
  })

  test('a word of work makes it look at once', async ({ assert }) => {
    const { bench, make, listeners, waiting } = setUp([])
    const worker = make()
    worker.start()
    await settled()

    waiting.push(job('late'))
    listeners.work()
    await settled()

    assert.deepEqual(bench.ids, ['late'])
    await worker.stop()
  })

  test('a word that comes while it looks makes it look again', async ({ assert }) => {
    let looks = 0
    const first = Promise.withResolvers<ClaimedJob[]>()
    const { bench, make, listeners } = setUp([], {
      claim: () => (++looks === 1 ? first.promise : Promise.resolve(looks === 2 ? [job('x')] : [])),
    })
    const worker = make()
    worker.start()

    listeners.work()
    first.resolve([])
    await settled()

    assert.deepEqual(bench.ids, ['x'])
    await worker.stop()
  })

  test('a handler that breaks frees its place and takes nobody with it', async ({ assert }) => {
    const { bench, make, logged } = setUp(['a', 'b', 'c'].map((id) => job(id)))
    const worker = make()
    worker.start()
    await settled()

    bench.open[0].break()
    await settled()

    assert.deepEqual(bench.ids, ['b', 'c'])
    assert.isFalse(bench.open[0].signal.aborted)
    assert.deepEqual(logged, ['a job handler broke'])
    await worker.stop()
  })

  test('a queue that is away for a moment is asked again', async ({ assert }) => {
    let looks = 0
    const { bench, make, listeners, logged } = setUp([], {
      async claim() {
        if (++looks === 1) throw new Error('away')
        return looks === 2 ? [job('a')] : []
      },
    })
    const worker = make()
    worker.start()
    await settled()

    listeners.work()
    await settled()

    assert.deepEqual(bench.ids, ['a'])
    assert.deepEqual(logged, ['the worker could not claim jobs'])
    await worker.stop()
  })

  test('a cancel reaches the job it is for, and only that', async ({ assert }) => {
    const { bench, make, listeners } = setUp([job('a'), job('b')])
    const worker = make()
    worker.start()
    await settled()

    listeners.cancel({ accountId: 'org_a', jobId: 'b' })
    listeners.cancel({ accountId: 'org_other', jobId: 'a' })

    assert.deepEqual(
      bench.open.map(({ signal }) => signal.reason),
      [undefined, 'canceled']
    )
    bench.clear()
    await worker.stop()
  })

  test('a heartbeat stops what was lost or canceled, and leaves the rest alone', async ({
    assert,
  }) => {
    const { bench, make } = setUp([job('kept'), job('canceled'), job('lost')], {
      heartbeat: async () => [
        { accountId: 'org_a', jobId: 'kept', cancelRequested: false },
        { accountId: 'org_a', jobId: 'canceled', cancelRequested: true },
      ],
    })
    const worker = make({}, { concurrency: 3, heartbeat: 1 })
    worker.start()
    await until(() => bench.open.length === 3 && bench.open[2].signal.aborted)

    assert.deepEqual(
      bench.open.map(({ id, signal }) => [id, signal.reason]),
      [
        ['kept', undefined],
        ['canceled', 'canceled'],
        ['lost', 'lease_lost'],
      ]
    )
    bench.clear()
    await worker.stop()
  })

  test('a heartbeat that asked for an earlier run of a job does not stop the later one', async ({
    assert,
  }) => {
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<[]>()
    const { bench, make, waiting } = setUp([job('a', 1n)], {
      heartbeat([{ token, ...ref }]: Lease[]) {
        asked.resolve()
        return token === 1n ? answer.promise : [{ ...ref, cancelRequested: false }]
      },
    })
    const worker = make({}, { heartbeat: 1 })
    worker.start()
    await asked.promise
    waiting.push(job('a', 2n))
    bench.open[0].end()
    await settled()

    answer.resolve([])
    await settled()

    assert.lengthOf(bench.open, 1)
    assert.isUndefined(bench.open[0].signal.reason)
    await worker.stop()
  })

  test('a job that was lost and comes back while its first run still ends is kept apart', async ({
    assert,
  }) => {
    const beats: bigint[][] = []
    const { bench, make, listeners, waiting } = setUp([job('a', 1n)], {
      async heartbeat(leases: Lease[]) {
        beats.push(leases.map(({ token }) => token))
        return leases.map((one) => ({ ...one, cancelRequested: false }))
      },
    })
    const worker = make({}, { heartbeat: 1 })
    worker.start()
    await settled()
    waiting.push(job('a', 2n))
    listeners.work()
    await settled()

    bench.open[0].end()
    await settled()
    beats.length = 0
    await until(() => beats.length > 0)

    assert.deepEqual(beats[0], [2n])
    await worker.stop()
  })

  test('a stop takes no more work and tells what still runs to hand itself back', async ({
    assert,
  }) => {
    const { bench, make, listeners, waiting } = setUp([job('a')])
    const worker = make()
    worker.start()
    await settled()
    const [running] = bench.open

    waiting.push(job('b'))
    const stopped = worker.stop()
    listeners.work()
    await stopped

    assert.equal(running.signal.reason, 'draining')
    assert.deepEqual(bench.ids, [])
    assert.lengthOf(waiting, 1)
  })

  test('a stop leaves alone what ends in time', async ({ assert }) => {
    const { bench, make } = setUp([job('a')])
    const worker = make({}, { drain: HOUR })
    worker.start()
    await settled()
    const [running] = bench.open

    const stopped = worker.stop()
    running.end()
    await stopped

    assert.isFalse(running.signal.aborted)
  })

  test('jobs that arrive while it stops are handed back, not begun', async ({ assert }) => {
    const claim = Promise.withResolvers<ClaimedJob[]>()
    const { bench, make, calls } = setUp([], { claim: () => claim.promise })
    const worker = make()
    worker.start()

    const stopped = worker.stop()
    claim.resolve([job('a')])
    await stopped
    await settled()

    assert.deepEqual(bench.ids, [])
    assert.deepEqual(calls.handedBack, [{ accountId: 'org_a', jobId: 'a', token: 1n }])
  })

  test('a sweep ends what is overdue and tells of it, also when one cannot be ended', async ({
    assert,
  }) => {
    const overdue = ['broken', 'plain', 'late', 'canceled'].map((jobId) => ({
      accountId: 'org_a',
      jobId,
      metered: jobId !== 'plain',
      reason: jobId === 'canceled' ? 'canceled' : 'deadline',
    }))
    const ended: string[] = []
    const { make, calls } = setUp([], {
      requeueLost: async () => [{ accountId: 'org_a', jobId: 'lost' }],
      overdue: async () => overdue.splice(0),
      expire: async ({ jobId }: { jobId: string }) => ended.push(`${jobId} itself`) > 0,
    })
    const worker = make(
      {
        async expire({ jobId }, reason) {
          if (jobId === 'broken') throw new Error('broken')
          ended.push(`${jobId} ${reason}`)
          return { outcome: 'stale' }
        },
      },
      { sweep: 1 }
    )

    worker.start()
    await until(() => ended.length === 3)

    assert.deepEqual(ended, ['plain itself', 'late deadline', 'canceled canceled'])
    assert.includeMembers(calls.announced, ['lost', 'plain', 'late', 'canceled'])
    await worker.stop()
  })

  test('a sweep beside the queue ends what is due, also when one cannot be ended', async ({
    assert,
  }) => {
    const due = ['broken', 'late', 'later']
    const ended: string[] = []
    const { make, logged } = setUp([])
    const sweep = {
      name: 'holds',
      due: async (limit: number) =>
        due.splice(0, limit).map((name) => async () => {
          if (name === 'broken') throw new Error('broken')
          ended.push(name)
        }),
    }
    const worker = make({}, { sweep: 1 }, [sweep])

    worker.start()
    await until(() => ended.length === 2)

    assert.deepEqual(ended, ['late', 'later'])
    assert.include(logged, 'something that is due could not be ended')
    await worker.stop()
  })
})
