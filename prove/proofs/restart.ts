import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildOnce } from '../../benchmarks/harness/build.js'
import { populate } from '../../benchmarks/harness/population.js'
import { allEnd, checkAll, patiently } from '../kill/aftermath.js'
import { Application } from '../kill/application.js'
import type { Installation } from '../kill/armed_process.js'
import { Callers } from '../kill/callers.js'
import { administer } from '../harness/server.js'
import { Random } from '../model/random.js'
import { Broken, type Proof } from '../proof.js'

const RESTARTS = { small: 1, ci: 3, release: 100 }
const ORGANISATIONS = 6
const PROCESSES = 2
const CALLERS = 8
/** So soon after its database is back an installation accepts and ends jobs again. */
const WITHIN_MS = 10_000

/** The database stops at once, under load, and comes back; nobody touches the application. */
export default {
  name: 'restart',
  about:
    'Postgres stopped at once and started again under load: within 10 s jobs are accepted and end by themselves, and none that was acknowledged is lost',
  async run({ server, seed, size, mutant, tell, isTimeUp }) {
    await using lifetime = new AsyncDisposableStack()
    buildOnce()
    const databaseUrl = await server.database(lifetime, 'plain', mutant)
    const directory = await mkdtemp(join(server.directory, 'restart-'))
    const keys = await administer(databaseUrl, (client) => populate({ client }, ORGANISATIONS))
    const environment = mutant?.environment
    const installation: Installation = { databaseUrl, directory, environment }
    const random = new Random(seed)

    const applications: Application[] = []
    lifetime.defer(async () => {
      await Promise.all(applications.map((application) => application.kill()))
    })
    for (let n = 0; n < PROCESSES; n++) applications.push(await Application.start(installation))
    const callers = new Callers(applications, {
      keys,
      random: random.fork('callers'),
      many: CALLERS,
    })
    lifetime.defer(() => callers.stop())

    let restarts = 0
    let slowest = 0
    while (restarts < RESTARTS[size] && !isTimeUp()) {
      await sleep(random.between(800, 2_000))
      await server.restart()
      const took = await answersAgain(applications, { databaseUrl, callers })
      slowest = Math.max(slowest, took)
      restarts++
      tell(`restart ${restarts}: at work again after ${took} ms`)
    }
    await callers.stop()
    await allEnd(installation)
    const settled = await checkAll(installation, callers)
    const acknowledged = callers.acknowledged.length
    // Every acknowledged one was just found with its outcome.
    return { restarts, slowest_ms: slowest, acknowledged, lost: 0, settled }
  },
} satisfies Proof

/**
 * Once each process has acknowledged a job, and a job that was acknowledged since has ended. Answers
 * how long that took, in milliseconds.
 */
async function answersAgain(
  applications: Application[],
  { databaseUrl, callers }: { databaseUrl: string; callers: Callers }
): Promise<number> {
  const began = Date.now()
  const before = callers.acknowledged.length
  for (;;) {
    const since = callers.acknowledged.slice(before)
    const silent = applications.filter(({ port }) => since.every((one) => one.port !== port))
    if (
      silent.length === 0 &&
      (await haveEnded(
        databaseUrl,
        since.map(({ id }) => id)
      ))
    ) {
      return Date.now() - began
    }
    if (applications.some(({ hasEnded }) => hasEnded)) {
      throw new Broken(`a process did not outlive its database:\n${applications[0].said()}`)
    }
    if (Date.now() - began > WITHIN_MS) {
      const what = silent.length > 0 ? `${silent.length} processes accept no job` : 'no job ends'
      throw new Broken(`${what} ${WITHIN_MS / 1000} s after the database is back`)
    }
    await sleep(25)
  }
}

function haveEnded(databaseUrl: string, generations: string[]): Promise<boolean> {
  return patiently(databaseUrl, async (client) => {
    const { rows } = await client.query(
      'select count(*)::int as ended from generations where id = any ($1) and outcome is not null',
      [generations]
    )
    return rows[0].ended > 0
  })
}
