import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { JobQueue } from '#core/queue/job_queue'
import { ReadinessQuery } from '#app/health/queries/readiness_query'

test.group('Health', () => {
  test('alive is whoever answers, without a key', async ({ client }) => {
    const response = await client.get('/healthz')

    response.assertStatus(200)
    response.assertBody({ status: 'ok' })
  })

  test('ready is who reaches database and files, and tells how much waits', async ({
    client,
    assert,
  }) => {
    const response = await client.get('/readyz')

    response.assertStatus(200)
    const { ready, checks, queue } = response.body()
    assert.isTrue(ready)
    assert.deepEqual(checks, { database: 'ok', files: 'ok', work: 'ok' })
    assert.sameMembers(Object.keys(queue), ['queued', 'running', 'oldest_queued_at'])
    assert.isNumber(queue.queued)
  })

  test('who accepts work that does not come to be told of is ready, and says why it waits', async ({
    assert,
  }) => {
    const queue = {
      depth: async () => ({ queued: 3, running: 0, oldestQueuedAt: null }),
      trouble: () => 'Nobody tells of it.',
    } as unknown as JobQueue

    const report = await new ReadinessQuery(queue).handle()

    assert.isTrue(report.ready)
    assert.equal(report.checks.work, 'Nobody tells of it.')
  })

  test('without its database a process is not ready, and says so', async ({ assert }) => {
    const queue = awayQueue()

    const report = await new ReadinessQuery(queue).handle()

    assert.isFalse(report.ready)
    assert.deepEqual(report.checks, { database: 'unreachable', files: 'ok', work: 'ok' })
    assert.isUndefined(report.queue)
  })

  test('a process that is not ready answers 503', async ({ client, cleanup }) => {
    app.container.swap(JobQueue, () => awayQueue())
    cleanup(() => app.container.restore(JobQueue))

    const response = await client.get('/readyz')

    response.assertStatus(503)
    response.assertBodyContains({ ready: false, checks: { database: 'unreachable' } })
    const alive = await client.get('/healthz')
    alive.assertStatus(200)
  })
})

function awayQueue() {
  return {
    depth: () => Promise.reject(new Error('away')),
    trouble: () => null,
  } as unknown as JobQueue
}
