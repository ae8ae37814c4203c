import { randomUUID } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { AdvisoryTurns } from '#adapters/postgres/advisory_turns'
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

/** As a process does that starts and stops. */
async function lifeOfAProcess() {
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

test.group('Turns between processes', () => {
  test('one at a time, and the next when it is over, even if it broke', async ({ assert }) => {
    const turns = new AdvisoryTurns(await app.container.make('lucid.db'))
    const name = randomUUID()
    const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const first = turns.take(name, async () => {
      begun.resolve()
      await end.promise
      throw new Error('broke')
    })
    await begun.promise

    assert.isFalse(await turns.take(name, async () => assert.fail('two at once')))
    assert.isTrue(await turns.take(randomUUID(), async () => {}))
    end.resolve()
    await assert.rejects(() => first, 'broke')
    assert.isTrue(await turns.take(name, async () => {}))
  })
})
