import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import QueueDebug from '../../../commands/queue_debug.js'
import { drawing, newStudio } from '../generations/studio.js'
import { run } from './terminal.js'

test.group('queue:debug', () => {
  test('tells the whole story of a job, by its id or its generation’s', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const generation = await studio.generated(drawing({ prompt: 'a secret lighthouse' }))

    const { said, exitCode } = await run(QueueDebug, [`--job=${generation.id}`])

    assert.equal(exitCode, 0)
    const jobId = generation.id.replace('gen_', 'job_')
    assert.match(said, new RegExp(`job +${jobId} \\(generation\\), succeeded`))
    assert.match(said, /organisation +org_/)
    for (const type of ['queued', 'running', 'settled', 'succeeded']) assert.include(said, type)
    assert.match(said, /Attempts\n.*\n1 +sandbox\/image +succeeded/)
    assert.match(said, /Ledger\n.*\n\d+ +consume +-/)
    assert.notInclude(said, 'secret lighthouse')

    const byJob = await run(QueueDebug, [`--job=${jobId}`, '--json'])
    const flight = JSON.parse(byJob.said)
    assert.equal(flight.generation.id, generation.id)
    assert.equal(flight.hold.state, 'settled')
    assert.equal(flight.attempts[0].price, generation.cost.charged)
    assert.notInclude(byJob.said, 'secret lighthouse')
  })

  test('answers what failed around a moment, of one organisation', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const stranger = await newStudio(client)
    const failed = await studio.generated(drawing({ prompt: 'fail:moderation' }))
    await stranger.generated(drawing({ prompt: 'fail:moderation' }))
    const at = new Date(failed.finished_at ?? Date.now()).toISOString()

    const { said } = await run(QueueDebug, [`--at=${at}`, `--org=${studio.id}`])

    assert.include(said, failed.id.replace('gen_', 'job_'))
    assert.include(said, 'blocked_')
    assert.notInclude(said, stranger.id)

    const quiet = await run(QueueDebug, ['--at=2020-01-01', `--org=${studio.id}`, '--within=1'])
    assert.equal(quiet.said, 'Nothing failed within 1 minutes of it.')
  })

  test('shows what is open by kind and lane', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const slow = await studio.accepted(drawing({ prompt: 'slow:2s' }))

    const { said } = await run(QueueDebug, ['--json'])
    const text = await run(QueueDebug, [])
    await studio.until(slow.id, ({ status }) => status === 'succeeded')

    const state = JSON.parse(said)
    assert.containSubset(state.lanes, [{ accountId: studio.id, kind: 'generation' }])
    assert.containSubset(state.kinds, [{ kind: 'generation', provider: 'sandbox' }])
    assert.match(text.said, /Open work\nkind +provider +waiting/)
  })

  test('shows why a job waits to be tried again', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const accepted = await studio.accepted(drawing({ prompt: 'slow:2s' }))
    const jobId = accepted.id.replace('gen_', 'job_')
    await db.rawQuery(
      `update jobs set error = '{"class": "rate_limited", "message": "Too fast."}', state = 'queued',
         run_at = now() + interval '1 hour', token = token + 1, lease_until = null where id = ?`,
      [jobId]
    )

    const { said } = await run(QueueDebug, [])

    assert.match(said, new RegExp(`${jobId} .*in 59 min +rate_limited: Too fast\\.`))
    await studio.post(`/v1/generations/${accepted.id}/cancel`)
  })

  test('what is not there, or no instant, is told', async ({ assert }) => {
    const missing = await run(QueueDebug, ['--job=gen_none'])
    const never = await run(QueueDebug, ['--at=yesterday'])

    assert.deepEqual([missing.exitCode, never.exitCode], [1, 1])
    assert.include(missing.said, 'There is no job or generation gen_none.')
    assert.include(never.said, '"yesterday" is no instant')
  })
})
