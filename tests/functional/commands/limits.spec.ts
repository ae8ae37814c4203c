import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import LimitsSet from '../../../commands/limits_set.js'
import { Budgets } from '#core/quota/budgets'
import { Quota } from '#core/quota/quota'
import { newOrganisation } from '#tests/factories'
import { run } from './terminal.js'

test.group('limits:set', () => {
  const jobs = ['--scope=org', '--measure=concurrency', '--window=total', '--limit=2']

  test('sets what is beyond a limit: {beyond}')
    .with([
      { flags: [], beyond: 'refuse' as const },
      { flags: ['--beyond=queue'], beyond: 'queue' as const },
      { flags: ['--beyond=observe'], beyond: 'observe' as const },
    ])
    .run(async ({ assert }, { flags, beyond }) => {
      const { organisation } = await newOrganisation()
      const quota = await app.container.make(Quota)

      const { exitCode } = await run(LimitsSet, [`--org=${organisation.id}`, ...jobs, ...flags])

      assert.equal(exitCode, 0)
      const rules = await quota.rules(organisation.id)
      assert.deepEqual(
        rules.map(({ measure, limit, onExceed }) => [measure, limit, onExceed]),
        [['concurrency', 2n, beyond]]
      )
    })

  test('says what is wrong, and sets nothing: {says}')
    .with([
      {
        flags: ['--beyond=wait'],
        says: 'onExceed: "wait" is not known. Use: refuse, queue, observe.',
      },
      {
        flags: ['--beyond=queue', '--measure=credits'],
        says: 'onExceed: A total never clears',
      },
      {
        flags: ['--beyond=queue', '--limit=0'],
        says: 'onExceed: A limit of nothing never has room',
      },
      {
        flags: ['--limit=1.5'],
        says: 'limit: Write a whole number. Use 0 to 9223372036854775807.',
      },
      {
        flags: ['--measure=credits', '--limit=0.0000001'],
        says: 'limit: "0.0000001" is finer than a millionth. Use at most six decimals',
      },
      {
        flags: ['--measure=credits', '--limit=10000000000000000'],
        says: 'is too large. Use at most 9223372036854.775807',
      },
    ])
    .run(async ({ assert }, { flags, says }) => {
      const { organisation } = await newOrganisation()
      const quota = await app.container.make(Quota)

      const { said, exitCode } = await run(LimitsSet, [
        `--org=${organisation.id}`,
        ...jobs.filter((job) => !flags.some((flag) => flag.split('=')[0] === job.split('=')[0])),
        ...flags,
      ])

      assert.equal(exitCode, 1)
      assert.include(said, says)
      assert.isEmpty(await quota.rules(organisation.id))
    })
})

test.group('limits:set of the platform', (group) => {
  const budget = [
    '--scope=platform',
    '--id=provider:sandbox',
    '--measure=credits',
    '--window=month',
  ]

  group.each.teardown(async () => {
    const budgets = await app.container.make(Budgets)
    for (const one of await budgets.list()) await budgets.remove(one, 'system:test')
  })

  test('sets a budget over all organisations, and removes it', async ({ assert }) => {
    const budgets = await app.container.make(Budgets)

    const set = await run(LimitsSet, [...budget, '--limit=5000', '--beyond=observe'])
    const [held] = await budgets.list()
    const removed = await run(LimitsSet, [...budget, '--remove'])
    const again = await run(LimitsSet, [...budget, '--remove'])

    assert.include(set.said, 'It holds from the next call on.')
    assert.containSubset(held, {
      id: 'provider:sandbox',
      measure: 'credits',
      window: 'month',
      limit: 5_000_000_000n,
      onExceed: 'observe',
      source: 'operator',
      changedBy: 'system:console',
    })
    assert.include(removed.said, 'Removed.')
    assert.isEmpty(await budgets.list())
    assert.equal(again.exitCode, 1)
  })

  test('says what is wrong, and sets nothing: {says}')
    .with([
      { flags: ['--beyond=queue'], says: 'onExceed: Nothing can wait for a budget' },
      { flags: ['--id=provider:nobody'], says: 'id: There is no provider "nobody".' },
      { flags: ['--org=org_x'], says: 'leave --org out' },
    ])
    .run(async ({ assert }, { flags, says }) => {
      const budgets = await app.container.make(Budgets)
      const kept = budget.filter((one) => !flags[0].startsWith(one.split('=')[0]))

      const { said, exitCode } = await run(LimitsSet, [...kept, '--limit=5', ...flags])

      assert.equal(exitCode, 1)
      assert.include(said, says)
      assert.isEmpty(await budgets.list())
    })
})
