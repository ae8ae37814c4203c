import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { Ledger } from '#core/ledger/ledger'
import { JobQueue } from '#core/queue/job_queue'
import { AwaitGeneration } from '#app/generations/actions/await_generation'
import { newOrganisation } from '#tests/factories'
import QueueRedrive from '../../../commands/queue_redrive.js'
import { run } from '../commands/terminal.js'
import { generated } from './generated.js'
import { newSignedInOperator } from './visitor.js'

/** A job of a kind that nobody works on, which has failed for good. */
async function deadErrand(accountId: string, kind = 'errand') {
  const queue = await app.container.make(JobQueue)
  const [{ jobId }] = await queue.add([{ accountId, kind, payload: {} }])
  const request = { worker: 'test', kinds: [kind], limit: 1, leaseMs: 30_000 }
  const [job] = await queue.claim(request)
  const error = { class: 'internal', message: 'The endpoint said 410.' } as const
  await queue.finish({ accountId, jobId, token: job.token }, { state: 'failed', error })
  return jobId
}

const stateOf = async (id: string) => {
  const { state } = await db.from('jobs').select('state').where('id', id).firstOrFail()
  return state
}

test.group('The queue in the console', () => {
  test('shows what waits, runs, waits to be tried again, and failed for good', async ({
    assert,
  }) => {
    const { organisation } = await newOrganisation()
    const queue = await app.container.make(JobQueue)
    const kind = `show.${organisation.id.slice(-8)}`
    const names = await Promise.all([
      queue.add([{ accountId: organisation.id, kind, payload: {} }]),
      queue.add([{ accountId: organisation.id, kind, payload: {} }]),
      queue.add([
        { accountId: organisation.id, kind, payload: {}, runAt: new Date(Date.now() + 60_000) },
      ]),
    ])
    const request = { worker: 'worker-7', kinds: [kind], limit: 2, leaseMs: 30_000 }
    const [, failing] = await queue.claim(request)
    const lease = { accountId: organisation.id, jobId: failing.id, token: failing.token }
    const error = { class: 'internal', message: 'The line was busy.' } as const
    await queue.retry(lease, { runAt: new Date(Date.now() + 60_000), error })
    const dead = await deadErrand(organisation.id, `${kind}.dead`)
    const { visitor } = await newSignedInOperator()

    const page = await visitor.get('/admin/queue')

    assert.equal(page.status, 200)
    assert.match(page.text, new RegExp(`${kind} – 0 2 1`))
    assert.include(page.text, 'worker-7')
    assert.include(page.text, 'The line was busy.')
    assert.include(page.text, 'The endpoint said 410.')
    assert.include(page.html, `/admin/queue/${organisation.id}/${dead}/redrive`)
    const some = await visitor.get(`/admin/queue?kind=${kind}.dead&older=nonsense`)
    assert.include(some.text, dead)
    const none = await visitor.get(
      `/admin/queue?kind=${kind}.dead&older=2020-01-01 00:00:00%2B00~a~b`
    )
    assert.include(none.text, 'None here')
    await queue.cancel({ accountId: organisation.id, jobId: names[2][0].jobId }, 'system:test')
  })

  test('queues a job anew that failed for good, once', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const dead = await deadErrand(organisation.id)
    const { visitor } = await newSignedInOperator()
    await visitor.get('/admin/queue')

    const first = await visitor.post(`/admin/queue/${organisation.id}/${dead}/redrive`)
    const second = await visitor.post(`/admin/queue/${organisation.id}/${dead}/redrive`)

    assert.equal(first.location, '/admin/queue')
    assert.equal(await stateOf(dead), 'queued')
    assert.equal(second.status, 404)
    const queue = await app.container.make(JobQueue)
    await queue.cancel({ accountId: organisation.id, jobId: dead }, 'system:test')
  })

  test('starts a generation anew with a hold of its own, once', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const { id } = await generated(organisation.id, 'fail:provider')
    const job = id.replace('gen_', 'job_')
    const path = `/admin/queue/${organisation.id}/${job}/redrive`
    const { visitor } = await newSignedInOperator()
    await visitor.get('/admin/queue')

    const [first, second] = await Promise.all([visitor.post(path), visitor.post(path)])

    const started = [first, second].map(({ location }) => location).find((to) => to !== null)!
    const again = started.split('/').at(-1)!
    assert.notEqual(again, id)
    const ended = await app.container.make(AwaitGeneration)
    await ended.handle(organisation.id, again, AbortSignal.timeout(30_000))
    const { rows } = await db.rawQuery(
      'select id, state from holds where account_id = ? order by created_at',
      [organisation.id]
    )
    assert.deepEqual(
      rows.map(({ id: hold }: { id: string }) => hold),
      [job, again.replace('gen_', 'job_')]
    )
    assert.equal(rows[0].state, 'released')
    const ledger = await app.container.make(Ledger)
    assert.deepEqual(await ledger.verify(organisation.id), [])
    const later = await visitor.post(path)
    assert.equal(later.status, 404)
  })

  test('a generation without credit to start it stays a dead letter', async ({ assert }) => {
    const { organisation } = await newOrganisation({ credits: '0.5' })
    const { id } = await generated(organisation.id, 'fail:provider')
    const job = id.replace('gen_', 'job_')
    const { visitor } = await newSignedInOperator()
    await visitor.get('/admin/queue')
    await db.rawQuery(`update accounts set state = 'closed' where id = ?`, [organisation.id])

    const answer = await visitor.post(`/admin/queue/${organisation.id}/${job}/redrive`)

    const page = await visitor.get(answer.location!)
    assert.include(page.text, 'It was refused (account_closed')
    assert.include(page.html, `${job}/redrive`)
  })

  test('what failed by what was asked for is no dead letter', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const { id } = await generated(organisation.id, 'fail:moderation')
    const { visitor } = await newSignedInOperator()

    const page = await visitor.get('/admin/queue')

    assert.notInclude(page.text, id.replace('gen_', 'job_'))
  })

  test('queue:redrive lists, and has done again what is named', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const kind = `cli.${organisation.id.slice(-8)}`
    const [one, two] = [
      await deadErrand(organisation.id, kind),
      await deadErrand(organisation.id, kind),
    ]

    const listed = await run(QueueRedrive, ['--org', organisation.id])
    const named = await run(QueueRedrive, [one])
    const unknown = await run(QueueRedrive, ['job_nobody'])
    const all = await run(QueueRedrive, ['--all', '--yes', '--kind', kind])
    const nothing = await run(QueueRedrive, ['--all', '--kind', kind])

    assert.equal(listed.exitCode, 0)
    assert.include(listed.said, 'Name jobs to have them done again')
    assert.include(named.said, `${one}: It waits again`)
    assert.equal(unknown.exitCode, 1)
    assert.include(all.said, `${two}: It waits again`)
    assert.include(nothing.said, 'There is no dead letter')
    assert.deepEqual(await Promise.all([stateOf(one), stateOf(two)]), ['queued', 'queued'])
    const queue = await app.container.make(JobQueue)
    for (const jobId of [one, two]) {
      await queue.cancel({ accountId: organisation.id, jobId }, 'system:test')
    }
  })
})
