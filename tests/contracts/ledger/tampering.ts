import { test } from '@japa/runner'
import { finishRequest, running, started } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'

const FORGERIES = [
  'an entry with another amount',
  'an entry with another actor',
  'an entry with another time',
  'an entry that was moved to another grant',
  'an entry in the middle that is gone',
  'a tail that was cut off',
  'an account that has more than its grants',
  'an account that holds less than its holds',
  'a grant that has more left than it should',
  'a settled hold with another cost',
  'a usage event with another price',
  'a counter that forgot a hold',
  'a job that ended without its hold',
  'a hold that outlived its time',
  'a debt that no entry made',
  'a grant that is larger than it came in',
  'a refund that gave nothing back',
  'a claw-back that took nothing',
  'a transfer that moved nothing',
  'a transfer that came from nowhere',
  'a transfer that never arrived',
  'a reason in other words',
]

export function tamperingSuite(world: () => World) {
  test('{$self} is found, and named with its account')
    .with(FORGERIES)
    .run(async ({ assert, cleanup }, name) => {
      const forgery = world().forgeries[name]
      const account = await world().newAccount({ credits: '10' })
      await world().setRule(account, {
        scope: 'org',
        measure: 'concurrency',
        window: 'total',
        limit: 5n,
      })
      const job = await running(world(), account, { hold: '3' })
      await world().metered.finish(finishRequest(job, { cost: '2' }))
      await started(world(), account, { hold: '4' })
      assert.deepEqual(await world().ledger.verify(account), [])

      cleanup(await forgery.commit(account))

      const found = await world().ledger.verify()
      assert.isNotEmpty(found)
      assert.deepEqual([...new Set(found.map(({ accountId }) => accountId))], [account])
      const named = found.filter(({ invariant }) => invariant.startsWith(forgery.invariant))
      assert.isNotEmpty(named, JSON.stringify(found))
      assert.match(named[0].detail, /\d/)
    })

  test('every way to forge that the keeper knows is among those', ({ assert }) => {
    assert.sameMembers(Object.keys(world().forgeries), FORGERIES)
  })
}
