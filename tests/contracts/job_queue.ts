import { test } from '@japa/runner'
import { claimingSuite } from './job_queue/claiming.js'
import { lanesSuite } from './job_queue/lanes.js'
import { leasesSuite } from './job_queue/leases.js'
import { oneJobSuite } from './job_queue/one_job.js'
import { parkingSuite } from './job_queue/parking.js'
import { plainJobsSuite } from './job_queue/plain_jobs.js'
import { retryingSuite } from './job_queue/retrying.js'
import { sweepingSuite } from './job_queue/sweeping.js'
import { settle } from './ledger.js'
import type { World } from './metered_jobs/world.js'

/** What a worker relies on in the queue, whoever keeps it. */
export function jobQueueSuite(keeper: string, open: () => Promise<World>) {
  for (const [subject, suite] of Object.entries({
    'claiming': claimingSuite,
    'lanes': lanesSuite,
    'leases': leasesSuite,
    'retrying': retryingSuite,
    'sweeping': sweepingSuite,
    'one job': oneJobSuite,
    'parking': parkingSuite,
    'plain jobs': plainJobsSuite,
  })) {
    test.group(`Job queue on ${keeper}: ${subject}`, (group) => {
      let world: World
      group.setup(async () => {
        world = await open()
      })
      group.each.teardown(() => settle(world))
      suite(() => world)
    })
  }
}
