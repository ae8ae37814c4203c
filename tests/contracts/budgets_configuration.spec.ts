import { randomBytes } from 'node:crypto'
import { test } from '@japa/runner'
import { PostgresBudgets } from '#adapters/quota/postgres_budgets'
import { Sql } from '#adapters/postgres/sql'
import type { Budget } from '#core/quota/budgets'
import { settle } from './ledger.js'
import { connect, postgresWorld } from './metered_jobs/postgres_world.js'
import { outcomeOf, startRequest, started } from './metered_jobs/requests.js'
import type { World } from './metered_jobs/world.js'

/** Of a provider that no other test knows. */
function newBudget() {
  const provider = `p${randomBytes(4).toString('hex')}`
  const budget: Budget = {
    id: `provider:${provider}`,
    measure: 'credits',
    window: 'day',
    limit: 5_000_000n,
    onExceed: 'refuse',
  }
  return { budget, provider }
}

test.group('Budgets of the configuration', (group) => {
  let world: World
  let sql: Sql
  group.setup(async () => {
    world = await postgresWorld()
    const db = await connect(await world.url())
    sql = new Sql(db)
    return () => db.manager.closeAll()
  })
  group.each.teardown(async () => {
    await begun([])
    await settle(world)
  })

  /** As a process that starts with this configuration. */
  async function begun(configured: Budget[], zone?: string) {
    const budgets = new PostgresBudgets(sql, configured, zone)
    await budgets.open()
    return budgets
  }

  test('hold from the start on, change with the configuration, and go with it', async ({
    assert,
  }) => {
    const { budget, provider } = newBudget()
    const account = await world.newAccount()
    const told = async (budgets: PostgresBudgets) => {
      const states = await budgets.list()
      return states.map(({ id, limit, source }) => `${id} ${limit} ${source}`)
    }

    const first = await told(await begun([budget]))
    const refused = await world.metered.start(startRequest(account, { provider, hold: '6' }))
    const second = await told(await begun([{ ...budget, limit: 7_000_000n }]))
    await started(world, account, { provider, hold: '6' })
    const third = await told(await begun([]))

    assert.deepEqual(first, [`${budget.id} 5000000 configuration`])
    assert.deepEqual(second, [`${budget.id} 7000000 configuration`])
    assert.isEmpty(third)
    assert.equal(outcomeOf(refused), 'limit_exceeded')
    await started(world, account, { provider, hold: '9' })
  })

  test('stand back where an operator has set one, and hold again when that is removed', async ({
    assert,
  }) => {
    const { budget } = newBudget()
    const budgets = await begun([budget])
    await budgets.set({ ...budget, limit: 1_000_000n, onExceed: 'observe' }, 'user:usr_a')
    const again = await begun([{ ...budget, limit: 9_000_000n }])
    const [set] = await again.list()

    const removed = await again.remove(budget, 'user:usr_a')
    const [back] = await again.list()
    const missing = await again.remove(budget, 'user:usr_a')

    assert.containSubset(set, { limit: 1_000_000n, onExceed: 'observe', source: 'operator' })
    assert.equal(removed, 'configured')
    assert.containSubset(back, { limit: 9_000_000n, onExceed: 'refuse', source: 'configuration' })
    assert.equal(missing, 'missing')
  })

  test('have their days where the configuration says', async ({ assert }) => {
    const { budget, provider } = newBudget()
    const budgets = await begun([budget], 'Asia/Kathmandu')
    const account = await world.newAccount({ timezone: 'America/New_York' })
    await started(world, account, { provider })

    const [{ windowEnd }] = await budgets.list()

    // Midnight there is a quarter past six in the evening of UTC.
    assert.match(windowEnd!.toISOString(), /T18:15:00\.000Z$/)
  })

  test('in another zone from the next window on, which begins where the last one ended', async ({
    assert,
  }) => {
    const { budget, provider } = newBudget()
    const budgets = await begun([budget], 'Asia/Kathmandu')
    const account = await world.newAccount()
    await started(world, account, { provider, hold: '5' })
    const [{ windowEnd: before }] = await budgets.list()

    const moved = await begun([budget], 'UTC')
    const [{ windowEnd: same }] = await moved.list()
    await world.moveBudgetToYesterday(budget)
    await started(world, account, { provider, hold: '5' })
    const [{ windowEnd: next, held }] = await moved.list()

    assert.deepEqual(same, before)
    assert.match(next!.toISOString(), /T00:00:00\.000Z$/)
    assert.equal(held, 5_000_000n)
    assert.deepEqual(await world.ledger.verify(), [])
  })
})
