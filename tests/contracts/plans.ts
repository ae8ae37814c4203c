import { test } from '@japa/runner'
import { settle } from './ledger.js'
import type { World } from './metered_jobs/world.js'
import { choosingSuite } from './plans/choosing.js'
import { calendarSuite } from './plans/calendar.js'
import { clockSuite } from './plans/clock.js'
import { resettingSuite } from './plans/resetting.js'
import { rolloverSuite } from './plans/rollover.js'

/** What everybody relies on in plans and in the clocks of test accounts, whoever keeps them. */
export function plansSuite(keeper: string, open: () => Promise<World>) {
  for (const [subject, suite] of Object.entries({
    'choosing': choosingSuite,
    'resets': resettingSuite,
    'the calendar': calendarSuite,
    'rollover': rolloverSuite,
    'the clock of a test account': clockSuite,
  })) {
    test.group(`Plans on ${keeper}: ${subject}`, (group) => {
      let world: World
      group.setup(async () => {
        world = await open()
      })
      group.each.teardown(() => settle(world))
      suite(() => world)
    })
  }
}
