import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { PUSHED_FAILPOINTS } from '#core/failpoint'
import { FakeCloudTasks } from '#tests/fakes/cloud_tasks/fake_cloud_tasks'
import { freePort } from '../../benchmarks/harness/app_process.js'
import { buildOnce } from '../../benchmarks/harness/build.js'
import { populate } from '../../benchmarks/harness/population.js'
import { checkAll, recover } from '../kill/aftermath.js'
import type { Application } from '../kill/application.js'
import type { Installation } from '../kill/armed_process.js'
import { Callers } from '../kill/callers.js'
import { killAll, orderOfKills } from '../kill/killing.js'
import { administer } from '../harness/server.js'
import { Random } from '../model/random.js'
import { Broken, type Mutant, type Proof } from '../proof.js'

const SIZES = {
  small: { hits: 1, atRandom: 1 },
  ci: { hits: 2, atRandom: 2 },
  release: { hits: 100, atRandom: 300 },
}
const ORGANISATIONS = 6
const CALLERS = 6
/** So long nothing may end before it is taken for forgotten. */
const STALL_MS = 15_000

/** Who was to make a task and died is missed after a second and not after a minute. */
const IMPATIENT = {
  file: '57_jobs_tasks.sql',
  find: "interval '1 minute'\n      * case",
  replace: "interval '1 second'\n      * case",
}

/** Where jobs are pushed, processes die around the tasks: none of them is the only one who knows of a job. */
export default {
  name: 'relay',
  about:
    'processes that make tasks and are pushed killed before a task is made, after it, and after the answer to a push: no job is forgotten, done twice or charged twice',
  async run({ server, seed, size, mutant, tell, isTimeUp }) {
    const { hits, atRandom } = SIZES[size]
    await using lifetime = new AsyncDisposableStack()
    buildOnce()
    const changed: Mutant = {
      name: 'impatient',
      killedBy: 'relay',
      why: '',
      ...mutant,
      texts: [...(mutant?.texts ?? []), IMPATIENT],
    }
    const databaseUrl = await server.database(lifetime, 'plain', changed)
    const directory = await mkdtemp(join(server.directory, 'relay-'))
    const keys = await administer(databaseUrl, (client) => populate({ client }, ORGANISATIONS))
    const tasks = await FakeCloudTasks.start({ haste: 50 })
    lifetime.defer(() => tasks.stop())
    tasks.addQueue('daygen-0')
    const environment = tasks.environment(`http://127.0.0.1:${await freePort()}`)
    const installation: Installation = { databaseUrl, directory, environment }

    const applications = new Set<Application>()
    // Pushes go to those that live, as through a balancer.
    Object.defineProperty(tasks.trouble, 'origins', {
      get: () => [...applications].map(({ port }) => `http://127.0.0.1:${port}`),
    })
    lifetime.defer(async () => {
      await Promise.all([...applications].map((application) => application.kill()))
    })
    const random = new Random(seed)
    const callers = new Callers(applications, {
      keys,
      random: random.fork('callers'),
      many: CALLERS,
    })
    lifetime.defer(() => callers.stop())

    const order = orderOfKills(PUSHED_FAILPOINTS, { hits, atRandom, random: random.fork('order') })
    const plan = { order, random, backends: 0, tell, isTimeUp }
    const reached = await killAll(installation, applications, plan)
    const unreached = PUSHED_FAILPOINTS.filter((name) => (reached.get(name) ?? 0) < hits)
    if (unreached.length > 0 && !isTimeUp())
      throw new Broken(`failpoints hardly reached: ${unreached.join(', ')}`)

    await callers.stop()
    await recover(installation, applications, { stallMs: STALL_MS })
    const settled = await checkAll(installation, callers)
    return {
      kills: [...reached.values()].reduce((sum, count) => sum + count, 0),
      failpoints: PUSHED_FAILPOINTS.length,
      tasks: tasks.made.length,
      pushes: tasks.answered.length,
      acknowledged: callers.acknowledged.length,
      settled,
    }
  },
} satisfies Proof
