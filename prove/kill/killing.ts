import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../model/random.js'
import { Application } from './application.js'
import type { Installation } from './armed_process.js'
import { patiently } from './aftermath.js'

const PROCESSES = 4
/** A failpoint that is not reached in this time is tried again, so often. */
const REACH_MS = 15_000
const TRIES = 4

export interface Plan {
  /** A failpoint each, or `null` for a moment of our own choosing. */
  order: (string | null)[]
  random: Random
  /** How many of the database's own processes die with them. */
  backends: number
  tell(line: string): void
  isTimeUp(): boolean
}

/** So many kills at each failpoint and at moments of our own choosing, in any order. */
export function orderOfKills(
  failpoints: readonly string[],
  { hits, atRandom, random }: { hits: number; atRandom: number; random: Random }
): Plan['order'] {
  return shuffled(
    [
      ...failpoints.flatMap((name) => Array.from({ length: hits }, () => name as string | null)),
      ...Array.from({ length: atRandom }, () => null),
    ],
    random
  )
}

/** Keeps processes running until each has been killed as planned. Answers how often each way. */
export async function killAll(
  installation: Installation,
  applications: Set<Application>,
  { order, random, backends, tell, isTimeUp }: Plan
): Promise<Map<string, number>> {
  const reached = new Map<string, number>()
  const waiting = order.map((name) => ({ name, tries: 0 }))
  const total = waiting.length
  let done = 0
  let backendsKilled = 0
  const lane = async () => {
    for (let kill = waiting.shift(); kill && !isTimeUp(); kill = waiting.shift()) {
      const armed = kill.name === null ? undefined : `${kill.name}:${random.between(1, 3)}`
      const application = await Application.start(installation, armed)
      applications.add(application)
      const patience = kill.name ? REACH_MS : random.between(0, 1_500)
      await Promise.race([application.gone, sleep(patience)])
      // One that gave up by itself, because the database was away, was not killed where it should be.
      const wasReached = application.wasKilled
      await application.kill()
      applications.delete(application)
      const isDone = kill.name === null || wasReached
      if (!isDone && ++kill.tries < TRIES) waiting.push(kill)
      if (!isDone) continue
      const way = kill.name ?? 'random'
      reached.set(way, (reached.get(way) ?? 0) + 1)
      if (++done % 50 === 0) tell(`${done} of ${total} killed`)
      while (backendsKilled < Math.floor((done * backends) / total)) {
        backendsKilled++
        await killBackend(installation)
      }
    }
  }
  await Promise.all(Array.from({ length: PROCESSES }, lane))
  return reached
}

/** As if it ran out of memory: the server cuts everybody off and recovers. */
async function killBackend({ databaseUrl }: Installation) {
  const name = new URL(databaseUrl).pathname.slice(1)
  await patiently(databaseUrl, async (client) => {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()
         and backend_type = 'client backend' order by state = 'active' desc, random() limit 1`,
      [name]
    )
    if (rows.length > 0) process.kill(rows[0].pid, 'SIGKILL')
  })
  await patiently(databaseUrl, (client) => client.query('select 1'))
}

function shuffled<Item>(items: Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
