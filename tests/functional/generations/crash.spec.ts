import { test } from '@japa/runner'
import { Installation, type ServerProcess } from '#tests/functional/onboarding/installation'
import { drawing, PICTURE, type Body } from './studio.js'

test.group('When a process dies', (group) => {
  group.each.timeout(180_000)
  let installation: Installation
  let key: string
  group.each.setup(async () => {
    installation = await Installation.make()
    return () => installation.remove()
  })

  async function start(): Promise<ServerProcess> {
    const server = await installation.start()
    key ||= /(dg_live_\w{40})/.exec(server.said())![1]
    return server
  }
  group.each.setup(() => {
    key = ''
  })

  async function call(server: ServerProcess, path: string, body?: unknown): Promise<Body> {
    const response = await fetch(`${server.url}/v1${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'authorization': `Bearer ${key}`, 'content-type': 'application/json' },
      body: body ? JSON.stringify(body) : undefined,
    })
    return (await response.json()) as Body
  }

  async function until(server: ServerProcess, id: string, holds: (generation: Body) => boolean) {
    for (;;) {
      const generation = await call(server, `/generations/${id}`)
      if (holds(generation)) return generation
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  /** What a worker holds when it dies is free when its time is over; here it is over now. */
  const endLeases = () =>
    installation.rows(
      `update jobs set lease_until = clock_timestamp() - interval '1 second' where state = 'running'`
    )

  /** The story of a job, without its progress. */
  async function story(id: string): Promise<string[]> {
    const rows = await installation.rows(
      `select type from job_events where job_id = $1 and type <> 'progress' order by seq`,
      [id.replace('gen_', 'job_')]
    )
    return rows.map(({ type }) => type)
  }

  test('in the middle of a job: another takes it up where it was, and it is charged once', async ({
    assert,
  }) => {
    const first = await start()
    const { id } = await call(first, '/generations', drawing({ prompt: 'a lake slow:4s' }))
    await until(first, id, ({ progress }) => progress > 0)

    await first.kill()
    const second = await start()
    await endLeases()
    const done = await until(second, id, ({ finished_at: end }) => end !== null)

    assert.containSubset(done, { status: 'succeeded', delivered: 1, cost: { charged: PICTURE } })
    assert.deepEqual(await story(id), [
      'queued',
      'running',
      'submitted',
      'lease_lost',
      'running',
      'settled',
      'succeeded',
    ])
    const { attempts, entries } = await call(second, `/generations/${id}/receipt`)
    assert.containSubset(attempts, [{ attempt: 2, status: 'succeeded', price: PICTURE }])
    assert.lengthOf(attempts, 1)
    assert.lengthOf(entries, 1)
    assert.deepEqual(await installation.rows('select * from ledger_violations'), [])
    await second.stop()
  })

  test('right after it accepted: what was accepted is done', async ({ assert }) => {
    const first = await start()
    const accepted = await Promise.all(
      Array.from({ length: 12 }, () => call(first, '/generations', drawing()))
    )
    await first.kill()

    const second = await start()
    await endLeases()
    const done = await Promise.all(
      accepted.map(({ id }) => until(second, id, ({ finished_at: end }) => end !== null))
    )

    for (const generation of done) {
      assert.containSubset(generation, { status: 'succeeded', cost: { charged: PICTURE } })
    }
    const { available, held } = await call(second, '/balance')
    const [{ spent }] = await installation.rows(
      `select -sum(amount_micro) as spent from entries where kind = 'consume'`
    )
    assert.equal(held, '0')
    assert.equal(Math.round(Number(available) * 1e6), 1000_000_000 - Number(spent))
    assert.deepEqual(await installation.rows('select * from ledger_violations'), [])
    await second.stop()
  })

  test('again and again, at any moment: each job ends once, and no credit is lost', async ({
    assert,
  }) => {
    const ids: string[] = []
    for (const patience of [40, 250, 700]) {
      const server = await start()
      await endLeases()
      const prompts = ['a lake', 'a hill slow:300ms', 'fail:transient', 'cost:+50%', 'partial:1/2']
      for (const prompt of prompts) {
        const { id } = await call(server, '/generations', drawing({ prompt, n: 2 }))
        ids.push(id)
      }
      await new Promise((resolve) => setTimeout(resolve, patience))
      await server.kill()
    }

    const last = await start()
    await endLeases()
    for (const id of ids) await until(last, id, ({ finished_at: end }) => end !== null)

    const ends = await installation.rows(
      `select job_id, count(*) as ends from job_events
       where type in ('succeeded', 'failed', 'canceled', 'expired') group by job_id`
    )
    assert.isTrue(ends.every((row) => Number(row.ends) === 1))
    const open = await installation.rows(`select 1 from holds where state = 'held'`)
    assert.deepEqual(open, [])
    const doubled = await installation.rows(
      `select 1 from entries where kind = 'consume' group by hold_id, grant_id having count(*) > 1`
    )
    assert.deepEqual(doubled, [])
    assert.deepEqual(await installation.rows('select * from ledger_violations'), [])
    await last.stop()
  })

  test('that was told to go hands its job to another, and no attempt is lost', async ({
    assert,
  }) => {
    const first = await start()
    const { id } = await call(first, '/generations', drawing({ prompt: 'a lake slow:20s' }))
    await until(first, id, ({ progress }) => progress > 0)
    const second = await start()

    const code = await first.stop()
    const done = await until(second, id, ({ finished_at: end }) => end !== null)

    assert.equal(code, 0)
    assert.containSubset(done, { status: 'succeeded', cost: { charged: PICTURE } })
    assert.deepEqual(await story(id), [
      'queued',
      'running',
      'submitted',
      'handed_back',
      'running',
      'settled',
      'succeeded',
    ])
    const { attempts } = await call(second, `/generations/${id}/receipt`)
    assert.containSubset(attempts, [{ attempt: 1, status: 'succeeded' }])
    await second.stop()
  })
})
