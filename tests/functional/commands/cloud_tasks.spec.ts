import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from '@japa/runner'
import { FakeCloudTasks } from '#tests/fakes/cloud_tasks/fake_cloud_tasks'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** The command as an operator runs it, with an environment of its own. */
function setup(environment: Record<string, string>, ...args: string[]) {
  return new Promise<{ exitCode: number; said: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      ['ace.js', 'cloud-tasks:setup', ...args],
      { cwd: ROOT, env: { ...process.env, FORCE_COLOR: '0', ...environment } },
      (_, stdout, stderr) => resolve({ exitCode: child.exitCode ?? -1, said: stdout + stderr })
    )
  })
}

test.group('cloud-tasks:setup', (group) => {
  group.each.timeout(120_000)
  let fake: FakeCloudTasks
  group.each.setup(async () => {
    fake = await FakeCloudTasks.start()
    return () => fake.stop()
  })
  const environment = (more: Record<string, string> = {}) => ({
    ...fake.environment('https://worker.example.com'),
    ...more,
  })

  test('says what it would do, does it, and finds it done', async ({ assert }) => {
    const dry = await setup(environment(), '--dry-run')
    const made = fake.queues.size
    const first = await setup(environment())
    const second = await setup(environment(), '--json')

    assert.deepEqual([dry.exitCode, first.exitCode, second.exitCode], [0, 0, 0])
    assert.include(dry.said, 'daygen-0: would be made, 400 tasks/s, 1000 at once')
    assert.equal(made, 0)
    assert.include(first.said, 'daygen-0: made, 400 tasks/s, 1000 at once')
    assert.equal(fake.queues.size, 1)
    const { queues } = JSON.parse(second.said)
    assert.deepEqual(queues, [{ name: 'daygen-0', change: 'none', differences: [], paused: false }])
  })

  test('refuses what no queue can do, and says how many it takes', async ({ assert }) => {
    const { exitCode, said } = await setup(environment(), '--rate', '900')

    assert.equal(exitCode, 1)
    assert.include(said, '900 tasks a second take 3 queues: set CLOUD_TASKS_SHARDS')
    assert.equal(fake.queues.size, 0)
  })

  test('says what is not set, where tasks are not pushed or half of it is missing', async ({
    assert,
  }) => {
    const pulled = await setup({ QUEUE_DRIVER: 'postgres' })
    const half = await setup(environment({ CLOUD_TASKS_PROJECT: '', CLOUD_TASKS_SHARDS: 'many' }))

    assert.equal(pulled.exitCode, 1)
    assert.include(pulled.said, 'QUEUE_DRIVER is not cloud_tasks')
    assert.notEqual(half.exitCode, 0)
    assert.include(half.said, 'CLOUD_TASKS_PROJECT')
    assert.include(half.said, '"CLOUD_TASKS_SHARDS" must be a number from 1 to 99')
  })
})
