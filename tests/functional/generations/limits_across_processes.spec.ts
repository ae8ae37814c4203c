import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from '@japa/runner'
import { postgresWorld } from '../../contracts/metered_jobs/postgres_world.js'
import { earlyInTheMinute } from '../../contracts/metered_jobs/windows.js'

const CALLER = new URL('limit_caller.ts', import.meta.url)

/** Processes of their own, which know of each other only by the database. */
async function callers(count: number) {
  const children = Array.from({ length: count }, () =>
    fork(CALLER, {
      execArgv: ['--import=@poppinss/ts-exec'],
      env: { ...process.env, REDIS_URL: '' },
    })
  )
  await Promise.all(children.map((child) => once(child, 'message')))
  return {
    async start(order: { url: string; account: string; starts: number }): Promise<number> {
      const answers = children.map(async (child) => {
        child.send(order)
        const [taken] = await once(child, 'message')
        return taken as number
      })
      const taken = await Promise.all(answers)
      return taken.reduce((sum, one) => sum + one, 0)
    },
  }
}

test.group('Limits across processes', () => {
  test('four processes without Redis take together exactly what {limit} allows')
    .with([
      {
        limit: 'seven requests a minute',
        measure: 'requests',
        window: 'minute',
        max: 7n,
        taken: 7,
      },
      {
        limit: 'a budget of five credits',
        measure: 'credits',
        window: 'day',
        max: 5_500_000n,
        taken: 5,
      },
    ] as const)
    .timeout(60_000)
    .run(async ({ assert }, { measure, window, max, taken }) => {
      const world = await postgresWorld()
      const account = await world.newAccount()
      await world.setRule(account, { scope: 'org', measure, window, limit: max })
      const others = await callers(4)
      await earlyInTheMinute()

      const total = await others.start({ url: await world.url(), account, starts: 20 })

      assert.equal(total, taken)
      await world.finishAll()
      assert.deepEqual(await world.ledger.verify(account), [])
    })
})
