import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildOnce } from '../../benchmarks/harness/build.js'
import { populate } from '../../benchmarks/harness/population.js'
import { allEnd, checkAll, patiently } from '../kill/aftermath.js'
import { Application } from '../kill/application.js'
import type { Installation } from '../kill/armed_process.js'
import { Callers } from '../kill/callers.js'
import { WorkerProcess } from '../kill/worker_process.js'
import { administer } from '../harness/server.js'
import { Random } from '../model/random.js'
import { Broken, same, type Proof } from '../proof.js'

const SIZES = {
  small: { workers: 2, jobs: 60, kills: 3 },
  ci: { workers: 4, jobs: 1_000, kills: 12 },
  release: { workers: 24, jobs: 10_000, kills: 240 },
}
const ORGANISATIONS = 6
const CALLERS = 12
/** So long nobody ends a job before it is taken for lost. Who dies is missed after two seconds. */
const STALL_MS = 15_000

/** Workers die in the middle of their work, all the time; each job has one outcome. */
export default {
  name: 'workers',
  about:
    'worker processes killed at random with jobs in their hands, and others started in their place: as many outcomes as jobs, each once',
  async run({ server, seed, size, mutant, tell }) {
    const { workers, jobs, kills } = SIZES[size]
    await using lifetime = new AsyncDisposableStack()
    buildOnce()
    const databaseUrl = await server.database(lifetime, 'plain', mutant)
    const directory = await mkdtemp(join(server.directory, 'workers-'))
    const keys = await administer(databaseUrl, (client) => populate({ client }, ORGANISATIONS))
    const installation: Installation = { databaseUrl, directory }
    const random = new Random(seed)

    const entrance = await Application.start({ ...installation, environment: { WORKER: 'off' } })
    lifetime.defer(() => entrance.kill())
    const staff = Array.from({ length: workers }, () => WorkerProcess.start(installation))
    lifetime.defer(async () => {
      await Promise.all(staff.map((worker) => worker.kill()))
    })
    const callers = new Callers([entrance], {
      keys,
      random: random.fork('callers'),
      many: CALLERS,
      most: jobs,
      pause: [0, 0],
    })
    lifetime.defer(() => callers.stop())

    const shift = { installation, staff, random, jobs, kills, tell }
    await killWorkers(shift)
    await callers.done
    await allEnd(installation, STALL_MS)
    await Promise.all(staff.map((worker) => worker.kill()))

    same('what was acknowledged', callers.acknowledged.length, jobs)
    const settled = await checkAll(installation, callers)
    const { outcomes, interrupted } = await countAll(databaseUrl)
    same('outcomes', outcomes, jobs)
    if (interrupted === 0) throw new Error('No worker had a job in its hands when it was killed.')
    return { workers, jobs, outcomes, kills, interrupted, settled }
  },
} satisfies Proof

interface Shift {
  installation: Installation
  /** Those that live. */
  staff: WorkerProcess[]
  random: Random
  jobs: number
  kills: number
  tell(line: string): void
}

/** Spread over the jobs: each time that a part of them has ended, one who is at work dies. */
async function killWorkers({ installation, staff, random, jobs, kills, tell }: Shift) {
  let least = -1
  let deadline = 0
  for (let killed = 0; killed < kills;) {
    const { ended, working } = await lookAt(installation.databaseUrl)
    if (ended > least) deadline = Date.now() + STALL_MS
    least = ended
    if (Date.now() > deadline) throw new Broken(`of ${jobs} jobs no more than ${ended} end`)
    const busy = staff.filter(({ pid, hasEnded }) => !hasEnded && working.includes(pid))
    // Nobody is left for the last ones, who end too fast to be met at work.
    if (ended >= jobs) throw new Error(`All jobs had ended after ${killed} of ${kills} kills.`)
    if (busy.length === 0 || ended < (killed * jobs) / (kills + 1)) {
      await sleep(20)
      continue
    }
    const victim = random.pick(busy)
    await victim.kill()
    staff.splice(staff.indexOf(victim), 1, WorkerProcess.start(installation))
    if (++killed % 20 === 0) tell(`${killed} of ${kills} killed, ${ended} of ${jobs} jobs ended`)
  }
}

/** How many jobs have ended, and the processes that have one in their hands. */
function lookAt(databaseUrl: string): Promise<{ ended: number; working: number[] }> {
  return patiently(databaseUrl, async (client) => {
    const { rows } = await client.query(
      `select count(*) filter (where finished_at is not null)::int as ended,
         coalesce(array_agg(distinct split_part(leased_by, ':', 2)::int)
           filter (where state = 'running' and lease_until is not null), '{}') as working
       from jobs where metered`
    )
    return rows[0]
  })
}

function countAll(databaseUrl: string): Promise<{ outcomes: number; interrupted: number }> {
  return patiently(databaseUrl, async (client) => {
    const { rows } = await client.query(
      `select (select count(*)::int from job_events
           where type in ('succeeded', 'failed', 'canceled', 'expired')) as outcomes,
         (select count(*)::int from job_events where type = 'lease_lost') as interrupted`
    )
    return rows[0]
  })
}
