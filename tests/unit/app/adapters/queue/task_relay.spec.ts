import { grpc } from 'google-gax'
import { test } from '@japa/runner'
import { CloudTasks, type CloudTasksSettings } from '#adapters/queue/cloud_tasks'
import { TaskRelay } from '#adapters/queue/task_relay'
import type { OwedTask } from '#adapters/queue/task_outbox'
import { FakeCloudTasks, SERVICE_ACCOUNT } from '#tests/fakes/cloud_tasks/fake_cloud_tasks'
import { millisOf } from '#tests/fakes/cloud_tasks/wire'

const { status } = grpc
const QUIET = new Date(Date.now() + 3_600_000)

/** An outbox in memory: what is taken is gone, unless it is put back. */
class Outbox {
  readonly owed: OwedTask[] = []
  taken = 0

  add(count: number, options: Partial<OwedTask> = {}) {
    for (let n = 0; n < count; n++) {
      const jobId = `job_${this.taken + this.owed.length}`
      // Not due, so that nothing is pushed to the address that nobody is at.
      const task = { accountId: 'org_a', jobId, token: 0n, runAt: QUIET, traceparent: null }
      this.owed.push({ ...task, ...options })
    }
  }

  async take(limit: number) {
    const tasks = this.owed.splice(0, limit)
    this.taken += tasks.length
    return tasks
  }

  async putBack(tasks: OwedTask[]) {
    this.owed.push(...tasks)
  }
}

test.group('Relay of tasks', (group) => {
  let fake: FakeCloudTasks
  let tasks: CloudTasks
  let outbox: Outbox
  let relay: TaskRelay
  let logged: string[]

  group.each.setup(async () => {
    fake = await FakeCloudTasks.start()
    fake.addQueue('daygen-0')
    return () => fake.stop()
  })
  group.each.setup(() => {
    setUp()
    return async () => {
      await relay.stop()
      await tasks.close()
    }
  })

  function setUp(settings: Partial<CloudTasksSettings> = {}) {
    tasks = new CloudTasks({
      project: 'daygen-test',
      location: 'europe-west1',
      queue: 'daygen',
      shards: 1,
      url: 'http://127.0.0.1:9',
      serviceAccount: SERVICE_ACCOUNT,
      audience: 'https://worker.example.com',
      endpoint: fake.endpoint,
      ...settings,
    })
    outbox = new Outbox()
    logged = []
    relay = new TaskRelay({
      outbox,
      tasks,
      logger: {
        error: (_, message) => logged.push(message),
        info: (_, message) => logged.push(message),
      },
    })
  }

  /** Flushes until everything that was owed is told of. */
  async function drained() {
    while (outbox.owed.length > 0) {
      await relay.flush()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    // What was taken last may still be under way.
    await relay.flush()
  }

  test('each job that is owed one gets a task, that says which job and nothing more', async ({
    assert,
  }) => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    outbox.add(1, { jobId: 'job_x', traceparent })

    await relay.flush()

    const [{ httpRequest, scheduleTime, dispatchDeadline, name }] = fake.made
    assert.deepEqual(JSON.parse(httpRequest!.body!.toString()), { account: 'org_a', job: 'job_x' })
    assert.equal(httpRequest!.url, 'http://127.0.0.1:9/tasks/job_x')
    assert.equal(httpRequest!.httpMethod, 'POST')
    assert.deepEqual(httpRequest!.headers, { 'Content-Type': 'application/json', traceparent })
    assert.deepInclude(httpRequest!.oidcToken, {
      serviceAccountEmail: SERVICE_ACCOUNT,
      audience: 'https://worker.example.com',
    })
    assert.equal(millisOf(scheduleTime as never), QUIET.getTime())
    assert.equal(millisOf(dispatchDeadline as never), 900_000)
    assert.match(name!, /queues\/daygen-0\/tasks\/[\w-]{36}$/)
    assert.isNull(relay.trouble())
  })

  test('a job that is due has no time in its task', async ({ assert }) => {
    outbox.add(1, { runAt: new Date(Date.now() - 1000) })

    await relay.flush()

    assert.isNull(millisOf(fake.made[0].scheduleTime as never))
  })

  test('more than a batch are told of by one flush, each once', async ({ assert }) => {
    outbox.add(250)

    await relay.flush()

    const jobs = fake.made.map(({ httpRequest }) => httpRequest!.url)
    assert.lengthOf(jobs, 250)
    assert.equal(new Set(jobs).size, 250)
  })

  test('several queues get the same share', async ({ assert }) => {
    for (const shard of [1, 2]) fake.addQueue(`daygen-${shard}`)
    setUp({ shards: 3 })
    outbox.add(90)

    await relay.flush()

    const shares = Map.groupBy(fake.made, ({ name }) => name!.split('/')[5])
    assert.deepEqual(
      [...shares].map(([queue, made]) => [queue, made.length]).sort(),
      ['daygen-0', 'daygen-1', 'daygen-2'].map((queue) => [queue, 30])
    )
  })

  test('told that it is too much it waits, puts back what is left, and loses none', async ({
    assert,
  }) => {
    outbox.add(80)
    fake.fault = { answer: status.RESOURCE_EXHAUSTED }

    await relay.flush()
    const calls = fake.calls
    await relay.flush()
    await relay.flush()

    assert.equal(fake.calls, calls, 'it asked again while it was to wait')
    assert.isBelow(calls, 80, 'it asked on after it was refused')
    assert.lengthOf(outbox.owed, 80)
    assert.include(relay.trouble(), 'takes no more for now')

    fake.fault = null
    await drained()
    assert.lengthOf(fake.made, 80)
    assert.isNull(relay.trouble())
    assert.lengthOf(logged, 2, 'once that it failed, once that it works again')
  })

  test('what was put back is told of without a further word', async ({ assert }) => {
    fake.fault = { answer: status.UNAVAILABLE, times: 1 }
    outbox.add(1)

    await relay.flush()
    while (fake.made.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))

    assert.lengthOf(fake.made, 1)
  })

  test('an answer that was lost makes another task, not none', async ({ assert }) => {
    setUp({ patienceMs: 500 })
    fake.fault = { hang: 'after' }
    outbox.add(1)
    const flushed = relay.flush()
    while (fake.made.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    fake.fault = null

    await flushed
    await drained()

    assert.isAtLeast(fake.made.length, 2)
  })

  test('a queue that is missing is told with what to do', async ({ assert }) => {
    fake.queues.clear()
    outbox.add(3)

    await relay.flush()

    assert.lengthOf(outbox.owed, 3)
    assert.include(relay.trouble(), 'node ace cloud-tasks:setup')
    assert.deepEqual(logged, [relay.trouble()])
  })

  test('a service that is away is trouble, and nothing is lost', async ({ assert }) => {
    await fake.stop()
    outbox.add(2)

    await relay.flush()

    assert.lengthOf(outbox.owed, 2)
    assert.include(relay.trouble(), 'cannot be reached')
  })

  test('a task that is not acceptable does not keep the others', async ({ assert }) => {
    outbox.add(1, { jobId: 'x'.repeat(120_000) })
    outbox.add(5)

    await relay.flush()

    assert.lengthOf(fake.made, 5)
    assert.deepEqual(outbox.owed, [])
    assert.isNull(relay.trouble())
    assert.lengthOf(logged, 1)
  })

  test('a stop puts back what was not begun', async ({ assert }) => {
    setUp({ patienceMs: 500 })
    outbox.add(100)
    fake.fault = { hang: 'before' }
    const flushed = relay.flush()
    while (fake.calls === 0) await new Promise((resolve) => setTimeout(resolve, 1))

    const stopped = relay.stop()
    fake.fault = null
    await tasks.close()
    await stopped
    await flushed

    assert.equal(outbox.owed.length + fake.made.length, 100)
    assert.isAtLeast(outbox.owed.length, 75)
  })

  test('a word of work, and of a cancel, has it look; after a stop nothing does', async ({
    assert,
  }) => {
    const heard: (() => void)[] = []
    let stopped = 0
    const listen = (listener: () => void) => {
      heard.push(listener)
      return () => stopped++
    }
    relay.start({ onWork: listen, onCancel: listen as never })
    await relay.flush()

    for (const word of heard) {
      outbox.add(1)
      word()
      await relay.flush()
      assert.lengthOf(outbox.owed, 0)
    }
    await relay.stop()
    outbox.add(1)
    await relay.flush()

    assert.equal(stopped, 2)
    assert.lengthOf(outbox.owed, 1)
  })
})
