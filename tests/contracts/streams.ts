import { test } from '@japa/runner'
import { settle } from './ledger.js'
import type { World } from './metered_jobs/world.js'
import { followingSuite } from './streams/following.js'
import { followingAccountsSuite } from './streams/following_accounts.js'

/** What whoever waits for a job relies on, whoever carries the word. */
export function streamsSuite(keeper: string, open: () => Promise<World>) {
  test.group(`Streams on ${keeper}`, (group) => {
    let world: World
    group.setup(async () => {
      world = await open()
    })
    group.each.teardown(() => settle(world))
    followingSuite(() => world)
    followingAccountsSuite(() => world)
  })
}
