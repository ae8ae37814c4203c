import { randomUUID } from 'node:crypto'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import ScheduleRun from '../../../commands/schedule_run.js'
import { Ledger } from '#core/ledger/ledger'
import { Plans } from '#core/plans/plans'
import { newOrganisation } from '#tests/factories'
import { run } from './terminal.js'

test.group('schedule:run', (group) => {
  group.each.setup(async () => {
    await db.from('chore_runs').whereNot('name', 'like', 'test:%').delete()
  })

  test('runs what is due, once, and says what it left', async ({ assert }) => {
    const { organisation } = await newOrganisation({ credits: '0' })
    const plans = await app.container.make(Plans)
    await plans.choose({
      accountId: organisation.id,
      plan: 'studio',
      actor: 'system:test',
      reason: 'for a test',
      reference: randomUUID(),
    })

    const first = await run(ScheduleRun, [])
    const second = await run(ScheduleRun, [])

    assert.equal(first.exitCode, 0)
    for (const name of ['credits:reset', 'housekeeping', 'jobs:sweep', 'ledger:sign']) {
      assert.include(first.said, `${name}  done`)
      assert.include(second.said, `${name}  not due yet`)
    }
    const ledger = await app.container.make(Ledger)
    const balance = await ledger.balance(organisation.id)
    assert.equal(balance.available.toString(), '500')
  })

  test('runs one by name, and early when asked to', async ({ assert }) => {
    await run(ScheduleRun, ['housekeeping'])

    const { said } = await run(ScheduleRun, ['housekeeping', '--early', '--json'])

    assert.deepEqual(JSON.parse(said), { housekeeping: 'ran' })
  })

  test('tells what there is without running it', async ({ assert }) => {
    const { said } = await run(ScheduleRun, ['--list', '--json'])

    const [reset] = JSON.parse(said)
    assert.deepEqual(reset, {
      name: 'credits:reset',
      every_ms: 60_000,
      began_at: null,
      ended_at: null,
      error: null,
      due_at: null,
    })
  })

  test('a name that is none is told with those that are', async ({ assert }) => {
    const { said, exitCode } = await run(ScheduleRun, ['sweep'])

    assert.equal(exitCode, 1)
    assert.include(said, 'There is no chore "sweep". There are: credits:reset, housekeeping')
  })
})
