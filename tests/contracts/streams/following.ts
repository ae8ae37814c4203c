import { test } from '@japa/runner'
import type { JobEvent, Streams } from '#core/streams/streams'
import { claim, finishRequest, leaseOf, running, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

export function followingSuite(world: () => World) {
  const numbers = (events: JobEvent[]) => events.map(({ seq }) => seq)
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1)

  /** Everything that is told until the stream ends. */
  async function collect(
    streams: Streams,
    { accountId, jobId }: { accountId: string; jobId: string },
    { afterSeq = 0, signal = new AbortController().signal, seen = (_: JobEvent) => {} } = {}
  ) {
    const events: JobEvent[] = []
    for await (const event of streams.follow(accountId, jobId, { afterSeq, signal })) {
      events.push(event)
      seen(event)
    }
    return events
  }

  test('events are read in order, after the one that was seen last, a page at a time', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    for (const step of [0.1, 0.2, 0.3]) await world().queue.progress(leaseOf(job), step)
    const { streams } = world()

    assert.deepEqual(numbers(await streams.read(account, job.id, 0)), [1, 2, 3, 4, 5])
    assert.deepEqual(numbers(await streams.read(account, job.id, 3)), [4, 5])
    assert.deepEqual(numbers(await streams.read(account, job.id, 1, 2)), [2, 3])
    assert.deepEqual(await streams.read(account, job.id, 5), [])
    assert.deepEqual(await streams.read(await world().newAccount(), job.id, 0), [])
  })

  test('an event says what happened to which job, and when', async ({ assert }) => {
    const account = await world().newAccount()
    const { jobId } = await started(world(), account, { hold: '1.5' })

    const [event, ...others] = await world().streams.read(account, jobId, 0)

    assert.deepEqual(others, [])
    assert.deepEqual(event, {
      accountId: account,
      jobId,
      seq: 1,
      type: 'queued',
      data: { model: 'acme/painter', held: '1.5' },
      createdAt: event.createdAt,
    })
    assert.instanceOf(event.createdAt, Date)
  })

  test('a job that has ended is told from the beginning, and the stream ends', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    await world().metered.finish(finishRequest(job, { cost: '1' }))

    const events = await collect(world().streams, { accountId: account, jobId: job.id })
    const rest = await collect(
      world().streams,
      { accountId: account, jobId: job.id },
      { afterSeq: 2 }
    )

    assert.deepEqual(
      events.map(({ type }) => type),
      ['queued', 'running', 'settled', 'succeeded']
    )
    assert.deepEqual(numbers(rest), [3, 4])
  })

  test('a follower gets the history and then what another process writes, until the end', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const ref = await started(world(), account)
    const other = await world().neighbour()
    const first = Promise.withResolvers<void>()
    const told = collect(world().streams, ref, { seen: () => first.resolve() })
    await first.promise

    const [job] = await claim(other)
    other.streams.announce(account, job.id)
    await other.queue.progress(leaseOf(job), 0.5)
    other.streams.announce(account, job.id)
    await other.metered.finish(finishRequest(job, { cost: '1' }))
    other.streams.announce(account, job.id)

    const events = await told
    assert.deepEqual(
      events.map(({ type }) => type),
      ['queued', 'running', 'progress', 'settled', 'succeeded']
    )
    await other.close()
  })

  test('nothing is lost or doubled while hundreds of events are written', async ({ assert }) => {
    const account = await world().newAccount()
    const job = await running(world(), account)
    const ref = { accountId: account, jobId: job.id }
    const other = await world().neighbour()
    const followers = [
      collect(world().streams, ref),
      collect(other.streams, ref),
      collect(world().streams, ref, { afterSeq: 2 }),
    ]

    for (let index = 0; index < 450; index++) {
      const writer = index % 2 ? world() : other
      await writer.queue.progress(leaseOf(job), index / 450)
      writer.streams.announce(account, job.id)
    }
    await world().metered.finish(finishRequest(job, { cost: '1' }))
    world().streams.announce(account, job.id)

    const [here, there, late] = await Promise.all(followers)
    assert.deepEqual(numbers(here), upTo(454))
    assert.deepEqual(numbers(there), upTo(454))
    assert.deepEqual(numbers(late), upTo(454).slice(2))
    await other.close()
  })

  test('a follower finds what nobody announced', async ({ assert }) => {
    const account = await world().newAccount()
    const ref = await started(world(), account)
    const first = Promise.withResolvers<void>()
    const told = collect(world().streams, ref, { seen: () => first.resolve() })
    await first.promise

    await world().metered.cancel(ref, 'user:usr_a')

    const events = await told
    assert.equal(events.at(-1)!.type, 'canceled')
  })

  test('an abort ends a follower that waits, and one that has not begun', async ({ assert }) => {
    const account = await world().newAccount()
    const ref = await started(world(), account)
    const leaving = new AbortController()

    const events = await collect(world().streams, ref, {
      signal: leaving.signal,
      seen: () => setImmediate(() => leaving.abort()),
    })
    const none = await collect(world().streams, ref, { signal: leaving.signal })

    assert.deepEqual(numbers(events), [1])
    assert.deepEqual(none, [])
  })

  test('a hundred followers leave the database to others', async ({ assert }) => {
    const account = await world().newAccount()
    const ref = await started(world(), account)
    const leaving = new AbortController()
    const { promise, resolve } = Promise.withResolvers<void>()
    let waiting = 0
    const seen = () => ++waiting === 100 && resolve()
    const followers = Array.from({ length: 100 }, () =>
      collect(world().streams, ref, { signal: leaving.signal, seen })
    )
    await promise

    const balances = await Promise.all(
      Array.from({ length: 50 }, () => world().ledger.balance(account))
    )

    assert.lengthOf(balances, 50)
    leaving.abort()
    await Promise.all(followers)
  })
}
