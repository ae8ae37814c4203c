import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { buildOnce } from '../../benchmarks/harness/build.js'
import { populate } from '../../benchmarks/harness/population.js'
import { FAILPOINTS, PUSHED_FAILPOINTS, type Failpoint } from '#core/failpoint'
import { checkAll, recover } from '../kill/aftermath.js'
import type { Application } from '../kill/application.js'
import type { Installation } from '../kill/armed_process.js'
import { Callers } from '../kill/callers.js'
import { killAll, orderOfKills } from '../kill/killing.js'
import { administer } from '../harness/server.js'
import { Random } from '../model/random.js'
import { Broken, type Proof } from '../proof.js'

/** Of other proofs: where jobs are pushed, and of batches. */
const ELSEWHERE = new Set<Failpoint>([...PUSHED_FAILPOINTS, 'between-starts'])
/** Those that every generation may come to; in any installation. */
const COMMON = FAILPOINTS.filter((name) => !ELSEWHERE.has(name))

const SIZES = {
  small: {
    failpoints: COMMON.filter((_, n) => n % 4 === 1),
    hits: 1,
    atRandom: 2,
    backends: 1,
  },
  ci: { failpoints: COMMON, hits: 10, atRandom: 20, backends: 20 },
  release: { failpoints: COMMON, hits: 500, atRandom: 2_000, backends: 500 },
}
const ORGANISATIONS = 6
const CALLERS = 8

/** Processes and the database's own die at the worst moments; what was acknowledged is done, once. */
export default {
  name: 'kill',
  about:
    'processes killed at every failpoint and at random, and backends of Postgres with them: nothing that was acknowledged is lost, charged twice or left held',
  async run({ server, seed, size, mutant, tell, isTimeUp }) {
    const { failpoints, hits, atRandom, backends } = SIZES[size]
    await using lifetime = new AsyncDisposableStack()
    buildOnce()
    const databaseUrl = await server.database(lifetime, 'plain', mutant)
    const directory = await mkdtemp(join(server.directory, 'kill-'))
    const keys = await administer(databaseUrl, (client) => populate({ client }, ORGANISATIONS))
    const installation: Installation = { databaseUrl, directory }
    const random = new Random(seed)

    const applications = new Set<Application>()
    lifetime.defer(async () => {
      await Promise.all([...applications].map((application) => application.kill()))
    })
    const callers = new Callers(applications, {
      keys,
      random: random.fork('callers'),
      many: CALLERS,
    })
    lifetime.defer(() => callers.stop())

    const order = orderOfKills(failpoints, { hits, atRandom, random: random.fork('order') })
    const plan = { order, random, backends, tell, isTimeUp }
    const reached = await killAll(installation, applications, plan)
    const unreached = failpoints.filter((name) => (reached.get(name) ?? 0) < hits)
    if (unreached.length > 0 && !isTimeUp())
      throw new Broken(`failpoints hardly reached: ${unreached.join(', ')}`)

    await callers.stop()
    await recover(installation, applications)
    const settled = await checkAll(installation, callers)
    return {
      kills: [...reached.values()].reduce((sum, count) => sum + count, 0),
      failpoints: failpoints.length,
      backends,
      acknowledged: callers.acknowledged.length,
      repeats: callers.repeats,
      settled,
    }
  },
} satisfies Proof
