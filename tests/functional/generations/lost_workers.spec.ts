import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { JobQueue } from '#core/queue/job_queue'
import settings from '#config/worker'
import { drawing, newStudio } from './studio.js'

test.group('A generation whose workers are lost', (group) => {
  group.each.timeout(30_000)
  group.setup(() => {
    const { lostWorkers } = settings
    settings.lostWorkers = 2
    return () => {
      settings.lostWorkers = lostWorkers
    }
  })

  /** As if the worker that has it had died just now. */
  async function loseWorker(id: string) {
    const queue = await app.container.make(JobQueue)
    const job = () => db.from('jobs').where('id', id.replace('gen_', 'job_'))
    for (;;) {
      const lost = await job()
        .where('state', 'running')
        .whereNotNull('handle')
        .update({ lease_until: new Date(Date.now() - 1_000) })
      if (Number(lost) === 1) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    // A sweep of somebody else may be sooner.
    await queue.requeueLost(100)
    queue.wake()
  }

  test('is tried again once or twice, and then fails with that as the reason', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { id } = await studio.accepted(drawing({ prompt: 'slow:60s' }))

    await loseWorker(id)
    const again = await studio.until(id, ({ status }) => status === 'running')
    await loseWorker(id)
    const failed = await studio.until(id, ({ status }) => status === 'failed')

    assert.isNull(again.error)
    assert.equal(failed.error.code, 'worker_lost')
    assert.containSubset(failed, { cost: { held: '0', charged: '0' } })
    // The vendor had it, and will want its money.
    const losses = await db.from('losses').where('account_id', studio.id)
    assert.deepEqual(
      losses.map(({ kind, assumed }) => [kind, assumed]),
      [['unknown', true]]
    )
    assert.deepEqual(await studio.violations(), [])
  })
})
