import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import CreditsReset from '../../../commands/credits_reset.js'
import PlanSet from '../../../commands/plan_set.js'
import { Ledger } from '#core/ledger/ledger'
import { Plans } from '#core/plans/plans'
import { newOrganisation } from '#tests/factories'
import { run } from './terminal.js'

async function studio() {
  const { organisation } = await newOrganisation({ credits: '0' })
  const ledger = await app.container.make(Ledger)
  const available = async () => {
    const balance = await ledger.balance(organisation.id)
    return balance.available.toString()
  }
  return { id: organisation.id, available }
}

test.group('plan:set and credits:reset', () => {
  test('put an organisation on a plan with its first credits', async ({ assert }) => {
    const { id, available } = await studio()

    const { said, exitCode } = await run(PlanSet, ['studio', `--org=${id}`, '--reason=a trial'])

    assert.equal(exitCode, 0)
    assert.match(said, /Test studio is on studio, next reset \d{4}-/)
    assert.include(said, '500 credits granted.')
    assert.equal(await available(), '500')
    const plans = await app.container.make(Plans)
    assert.containSubset(await plans.changes(id, 5), [
      { planId: 'studio', actor: 'system:console', reason: 'a trial' },
    ])
  })

  test('a reset by hand grants nothing twice', async ({ assert }) => {
    const { id, available } = await studio()
    await run(PlanSet, ['studio', `--org=${id}`])

    const { said } = await run(CreditsReset, [`--org=${id}`])

    assert.include(said, '1 organisations, 0 grants made.')
    assert.equal(await available(), '500')
  })

  test('a dry run shows the periods to come as a table, and grants none', async ({ assert }) => {
    const { id, available } = await studio()
    await run(PlanSet, ['studio', `--org=${id}`])
    const at = new Date(Date.now() + 40 * 86_400_000).toISOString()

    const { said } = await run(CreditsReset, [`--org=${id}`, '--dry-run', `--at=${at}`])

    assert.match(said, /Organisation.*Plan.*Period.*Begins.*Credits.*Expires.*What/)
    assert.match(said, new RegExp(`${id}.*studio.*1.*250.*would be granted`))
    assert.include(said, '2 grants would be made.')
    assert.equal(await available(), '500')
  })

  test('{title}, with what to do, and change nothing')
    .with([
      { title: 'refuse a plan that is not there', args: ['golden'], says: 'no plan "golden"' },
      {
        title: 'refuse an organisation that is not there',
        args: ['studio', '--org=org_nobody'],
        says: 'no organisation org_nobody',
      },
      {
        title: 'refuse an anchor that is no instant',
        args: ['studio', '--anchor=soon'],
        says: '"soon" is no instant',
      },
      {
        title: 'refuse two beginnings',
        args: ['studio', '--anchor=2030-01-01', '--restart'],
        says: 'not both',
      },
    ])
    .run(async ({ assert }, { args, says }) => {
      const { id, available } = await studio()
      const named = args.some((arg) => arg.startsWith('--org')) ? args : [...args, `--org=${id}`]

      const { said, exitCode } = await run(PlanSet, named)

      assert.equal(exitCode, 1)
      assert.include(said, says)
      assert.equal(await available(), '0')
    })

  test('credits:reset refuses {args}')
    .with([
      { args: ['--at=tomorrow'], says: '"tomorrow" is no instant' },
      { args: ['--at=2199-01-01'], says: 'Nothing is granted ahead of time' },
      { args: ['--org=org_nobody'], says: 'no organisation org_nobody' },
    ])
    .run(async ({ assert }, { args, says }) => {
      const { said, exitCode } = await run(CreditsReset, args)

      assert.equal(exitCode, 1)
      assert.include(said, says)
    })
})
