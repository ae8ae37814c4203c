import { test } from '@japa/runner'
import { meteredJobsSuite } from './metered_jobs.js'
import { settle } from './ledger.js'
import { postgresWorld } from './metered_jobs/postgres_world.js'
import { outcomeOf, startRequest } from './metered_jobs/requests.js'

meteredJobsSuite('Postgres', () => postgresWorld())

test('starts of one moment are one transaction, whatever becomes of some of them', async ({
  assert,
  cleanup,
}) => {
  const world = await postgresWorld()
  cleanup(() => settle(world))
  const accounts = await Promise.all(Array.from({ length: 8 }, () => world.newAccount()))
  for (const refused of [1, 4, 7]) await world.ledger.setState(accounts[refused], 'closed')
  const transactionOf = async (account: string) =>
    /\"xid\": \"(\d+)\"/.exec(
      JSON.stringify(await world.snapshot(account)).replaceAll('\\', '')
    )![1]

  const results = await Promise.all(
    accounts.map((account) => world.metered.start(startRequest(account)))
  )

  assert.deepEqual(
    results.map(outcomeOf),
    accounts.map((_, index) => ([1, 4, 7].includes(index) ? 'account_closed' : 'started'))
  )
  // The first found nobody to travel with.
  const [, ...joint] = await Promise.all([0, 2, 3, 5, 6].map((n) => transactionOf(accounts[n])))
  assert.lengthOf(new Set(joint), 1)
})
