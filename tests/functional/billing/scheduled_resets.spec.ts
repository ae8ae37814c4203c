import { randomUUID } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { Ledger } from '#core/ledger/ledger'
import { Plans } from '#core/plans/plans'
import { makeScheduler } from '#start/scheduler'
import { newOrganisation } from '#tests/factories'

/** An organisation whose plan has credits due. */
async function dueStudio() {
  const { organisation } = await newOrganisation({ credits: '0' })
  const plans = await app.container.make(Plans)
  await plans.choose({
    accountId: organisation.id,
    plan: 'studio',
    actor: 'system:test',
    reason: 'for a test',
    reference: randomUUID(),
  })
  const ledger = await app.container.make(Ledger)
  return async () => {
    const balance = await ledger.balance(organisation.id)
    return balance.available.toString()
  }
}

/** As a process does that starts and stops, so long after the last one that a reset is due. */
async function lifeOfAProcess() {
  await db.from('chore_runs').where('name', 'credits:reset').delete()
  const scheduler = await makeScheduler(app)
  scheduler.start()
  await scheduler.stop()
}

test.group('Scheduled resets', () => {
  test('a process that starts catches up with what was missed', async ({ assert }) => {
    const available = await dueStudio()

    await lifeOfAProcess()

    assert.equal(await available(), '500')
    await lifeOfAProcess()
    assert.equal(await available(), '500')
  })

  test('several processes at once grant once', async ({ assert }) => {
    const available = await dueStudio()

    await Promise.all([lifeOfAProcess(), lifeOfAProcess(), lifeOfAProcess()])

    assert.equal(await available(), '500')
  })
})
