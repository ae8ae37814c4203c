import { test } from '@japa/runner'
import { settle } from './ledger.js'
import { beyondSuite } from './metered_jobs/beyond.js'
import { budgetsSuite } from './metered_jobs/budgets.js'
import { cancelingSuite } from './metered_jobs/canceling.js'
import { drawingSuite } from './metered_jobs/drawing.js'
import { endingTogetherSuite } from './metered_jobs/ending_together.js'
import { fallingBackSuite } from './metered_jobs/falling_back.js'
import { finishingSuite } from './metered_jobs/finishing.js'
import { limitsSuite } from './metered_jobs/limits.js'
import { losingSuite } from './metered_jobs/losing.js'
import { refusingSuite } from './metered_jobs/refusing.js'
import { repeatingSuite } from './metered_jobs/repeating.js'
import { returningSuite } from './metered_jobs/returning.js'
import { togetherSuite } from './metered_jobs/together.js'
import { windowsSuite } from './metered_jobs/windows.js'
import type { World } from './metered_jobs/world.js'

/** What everybody relies on where a job has a price, whoever keeps it. */
export function meteredJobsSuite(keeper: string, open: () => Promise<World>) {
  for (const [subject, suite] of Object.entries({
    'drawing credits': drawingSuite,
    'refusing': refusingSuite,
    'repeats and races of a start': repeatingSuite,
    'starts of one moment': togetherSuite,
    'limits': limitsSuite,
    'beyond limits': beyondSuite,
    'budgets over all accounts': budgetsSuite,
    'windows': windowsSuite,
    'finishing': finishingSuite,
    'ends of one moment': endingTogetherSuite,
    'canceling and expiring': cancelingSuite,
    'losses': losingSuite,
    'falling back': fallingBackSuite,
    'credits that come back': returningSuite,
  })) {
    test.group(`Metered jobs on ${keeper}: ${subject}`, (group) => {
      let world: World
      group.setup(async () => {
        world = await open()
      })
      group.each.teardown(() => settle(world))
      suite(() => world)
    })
  }
}
