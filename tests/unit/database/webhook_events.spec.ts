import { test } from '@japa/runner'
import { newId } from '#core/ids'
import { settle } from '#tests/contracts/ledger'
import { postgresWorld } from '#tests/contracts/metered_jobs/postgres_world'
import { finishRequest, running, started } from '#tests/contracts/metered_jobs/requests'
import type { World } from '#tests/contracts/metered_jobs/world'

interface DeliveryRow {
  endpoint_id: string | null
  url: string | null
  type: string
  generation_id: string
  seq: bigint
  state: string
  /** Of the job that tells it. */
  job: string | null
}

test.group('Webhooks of what happens in the database', (group) => {
  let world: World
  group.setup(async () => {
    world = await postgresWorld()
  })
  group.each.teardown(() => settle(world))

  /** Rows, committed or not. */
  async function rows<Row = DeliveryRow>(sql: string, values: string[]): Promise<Row[]> {
    let found: Row[] = []
    await world.transaction(async (transaction) => {
      const answer = await transaction.rawQuery(sql, values)
      found = answer.rows
      return 'commit'
    })
    return found
  }

  async function newEndpoint(accountId: string, events = '{*}'): Promise<string> {
    const id = newId('whe')
    await rows(
      `insert into webhook_endpoints (account_id, id, url, description, events, api_version, created_by)
       values (?, ?, 'https://hooks.example', '', ?, 'v', 'test')`,
      [accountId, id, events]
    )
    return id
  }

  const deliveries = (accountId: string) =>
    rows(
      `select d.*, j.kind || ' ' || j.state as job from webhook_deliveries d
       left join jobs j on j.account_id = d.account_id and j.id = d.job_id
       where d.account_id = ? order by d.endpoint_id, d.seq`,
      [accountId]
    )

  test('one is written with the end of a generation, however many end it at once', async ({
    assert,
  }) => {
    const neighbour = await world.neighbour()
    const account = await world.newAccount()
    const endpoint = await newEndpoint(account)
    const job = await running(world, account)

    const results = await Promise.all(
      [world, neighbour, world, neighbour].map(({ metered }) =>
        metered.finish(finishRequest(job, { cost: '1' }))
      )
    )

    assert.lengthOf(
      results.filter(({ outcome }) => outcome === 'finished'),
      1
    )
    assert.containSubset(await deliveries(account), [
      {
        endpoint_id: endpoint,
        type: 'generation.succeeded',
        seq: 1n,
        state: 'pending',
        job: 'webhook queued',
      },
    ])
    assert.lengthOf(await deliveries(account), 1)
    await neighbour.close()
  })

  test('none is where the end was not written: an outcome that came too late', async ({
    assert,
  }) => {
    const account = await world.newAccount()
    await newEndpoint(account)
    const job = await running(world, account)

    const late = await world.metered.finish(
      finishRequest(job, {
        cost: '1',
        lease: { accountId: account, jobId: job.id, token: job.token - 1n },
      })
    )

    assert.equal(late.outcome, 'stale')
    assert.deepEqual(await deliveries(account), [])
    await world.metered.finish(finishRequest(job, { cost: '1' }))
    assert.lengthOf(await deliveries(account), 1)
  })

  test('none is where its transaction is undone, and its number is given again', async ({
    assert,
  }) => {
    const account = await world.newAccount()
    await newEndpoint(account)
    const raise = (event: string) =>
      `select webhook_raise('[{ "account": "${account}", "event": "${event}", "type": "balance.low",
         "facts": {}, "at": "2030-01-01T00:00:00Z" }]')`

    await world.transaction(async (transaction) => {
      await transaction.rawQuery(raise('evt_undone'), [])
      return 'undo'
    })
    assert.deepEqual(await deliveries(account), [])
    await rows(raise('evt_done'), [])

    assert.containSubset(await deliveries(account), [{ event_id: 'evt_done', seq: 1n }])
  })

  test('of many at once each has its own number, without gaps', async ({ assert }) => {
    const account = await world.newAccount()
    const endpoint = await newEndpoint(account)
    const jobs = []
    for (let n = 0; n < 8; n++) jobs.push(await running(world, account))

    await Promise.all(jobs.map((job) => world.metered.finish(finishRequest(job, { cost: '1' }))))

    const told = await deliveries(account)
    assert.deepEqual(
      told.map(({ endpoint_id: id, seq }) => [id, seq]),
      [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n].map((seq) => [endpoint, seq])
    )
  })

  test('two who notice the same at once write one', async ({ assert }) => {
    const account = await world.newAccount()
    await newEndpoint(account)
    const happening = JSON.stringify([
      { account, event: 'evt_same', type: 'balance.low', facts: {}, at: new Date() },
    ])

    await Promise.all(Array.from({ length: 6 }, () => rows('select webhook_raise(?)', [happening])))

    assert.lengthOf(await deliveries(account), 1)
    const [endpoint] = await rows<{ seq: bigint }>(
      'select seq from webhook_endpoints where account_id = ?',
      [account]
    )
    assert.equal(endpoint.seq, 1n)
  })

  test('a cancel and the end of a deadline are told as well, and the URL that was brought', async ({
    assert,
  }) => {
    const account = await world.newAccount()
    const webhookUrl = 'https://own.example/hook'
    const canceled = await started(world, account, { webhookUrl })
    await world.metered.cancel(canceled, 'user:test')
    const late = await started(world, account, { deadline: new Date(Date.now() - 1) })
    await world.metered.expire(late, 'deadline')
    await newEndpoint(account)
    const later = await started(world, account, { webhookUrl })
    await world.metered.cancel(later, 'user:test')

    const told = await deliveries(account)

    assert.sameDeepMembers(
      told.map(({ generation_id: id, url, type, seq }) => [id, url, type, seq]),
      [
        [canceled.generationId, webhookUrl, 'generation.canceled', 1n],
        [later.generationId, null, 'generation.canceled', 1n],
        [later.generationId, webhookUrl, 'generation.canceled', 1n],
      ]
    )
  })

  test('nothing is written for an endpoint that wants other things, is deleted or somebody else’s', async ({
    assert,
  }) => {
    const [account, other] = [await world.newAccount(), await world.newAccount()]
    await newEndpoint(account, '{balance.low,generation.failed}')
    const deleted = await newEndpoint(account)
    await rows('update webhook_endpoints set deleted_at = now() where id = ?', [deleted])
    await newEndpoint(other)

    await world.metered.finish(finishRequest(await running(world, account), { cost: '1' }))

    assert.deepEqual(await deliveries(account), [])
    assert.deepEqual(await deliveries(other), [])
  })
})
