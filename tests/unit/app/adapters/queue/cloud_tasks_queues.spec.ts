import { test } from '@japa/runner'
import { CloudTasks } from '#adapters/queue/cloud_tasks'
import { CloudTasksQueues } from '#adapters/queue/cloud_tasks_queues'
import { FakeCloudTasks, SERVICE_ACCOUNT } from '#tests/fakes/cloud_tasks/fake_cloud_tasks'
import { millisOf } from '#tests/fakes/cloud_tasks/wire'

const PACE = { perSecond: 400, atOnce: 1000 }

test.group('Queues of Cloud Tasks', (group) => {
  let fake: FakeCloudTasks
  let tasks: CloudTasks
  let queues: CloudTasksQueues
  group.each.setup(async () => {
    fake = await FakeCloudTasks.start()
    tasks = new CloudTasks({
      project: 'daygen-test',
      location: 'europe-west1',
      queue: 'daygen',
      shards: 2,
      url: 'http://127.0.0.1:9',
      serviceAccount: SERVICE_ACCOUNT,
      audience: 'http://127.0.0.1:9',
      endpoint: fake.endpoint,
    })
    queues = new CloudTasksQueues(tasks)
    return async () => {
      await tasks.close()
      await fake.stop()
    }
  })
  const changes = (reports: { name: string; change: string }[]) =>
    reports.map(({ name, change }) => [name, change])

  test('are made with their pace and their retries', async ({ assert }) => {
    const reports = await queues.apply(PACE)

    assert.deepEqual(changes(reports), [
      ['daygen-0', 'create'],
      ['daygen-1', 'create'],
    ])
    const [first] = fake.queues.values()
    assert.containSubset(first.rateLimits, {
      maxDispatchesPerSecond: 400,
      maxConcurrentDispatches: 1000,
    })
    assert.containSubset(first.retryConfig, { maxAttempts: 100, maxDoublings: 5 })
    assert.equal(millisOf(first.retryConfig!.minBackoff as never), 1_000)
    assert.equal(millisOf(first.retryConfig!.maxBackoff as never), 60_000)
    assert.equal(millisOf(first.retryConfig!.maxRetryDuration as never), 86_400_000)
  })

  test('are left alone the second time', async ({ assert }) => {
    await queues.apply(PACE)
    const before = structuredClone([...fake.queues])

    const reports = await queues.apply(PACE)

    assert.deepEqual(changes(reports), [
      ['daygen-0', 'none'],
      ['daygen-1', 'none'],
    ])
    assert.deepEqual([...fake.queues], before)
  })

  test('that differ are changed, and the report says in what', async ({ assert }) => {
    await queues.apply(PACE)

    const [report] = await queues.apply({ perSecond: 100, atOnce: 20 })
    const [again] = await queues.plan({ perSecond: 100, atOnce: 20 })

    assert.deepEqual(report, {
      name: 'daygen-0',
      change: 'update',
      differences: ['100 tasks/s instead of 400', '20 at once instead of 1000'],
      isPaused: false,
    })
    assert.equal(again.change, 'none')
  })

  test('a plan changes nothing', async ({ assert }) => {
    fake.addQueue('daygen-0')

    const reports = await queues.plan(PACE)

    assert.deepEqual(changes(reports), [
      ['daygen-0', 'update'],
      ['daygen-1', 'create'],
    ])
    assert.equal(fake.queues.size, 1)
    assert.isNotOk([...fake.queues.values()][0].rateLimits)
  })

  test('that somebody paused are told of and not resumed', async ({ assert }) => {
    await queues.apply(PACE)
    const [name, queue] = [...fake.queues][0]
    fake.queues.set(name, Object.assign(queue, { state: 'PAUSED' }))

    const [report] = await queues.plan(PACE)

    assert.isTrue(report.isPaused)
    assert.equal(report.change, 'none')
  })

  test('two who set them up at once both succeed', async ({ assert }) => {
    const both = await Promise.all([queues.apply(PACE), queues.apply(PACE)])

    assert.lengthOf(both, 2)
    assert.equal(fake.queues.size, 2)
  })

  test('what Google refuses is the caller’s to tell', async ({ assert }) => {
    await assert.rejects(() => queues.apply({ perSecond: 600, atOnce: 1 }), /is above 500/)
    await fake.stop()
    const error = await queues.plan(PACE).catch((caught) => caught)
    assert.isAbove(error.code, 0)
  })
})
