import { prepareDatabase, startApp, type AppOptions } from './app_process.js'
import { successes } from './accepted_check.js'
import { useDatabase } from './database.js'
import { useDirectory } from './directory.js'
import type { FloodResult } from './load/flood.js'
import type { Generator } from './load/generator.js'
import { populate } from './population.js'

export const CONNECTIONS = 16
export const ROUNDS = 5
export const SECONDS = { 'warm-up': 3, 'measured': 4 }
const ORGANISATIONS = 1000
const MOST_REQUESTS = 40_000

/** An installation of 1,000 organisations whose worker is off, so that accepting is all that it does. */
export async function prepareAccepting(lifetime: AsyncDisposableStack) {
  const directory = await useDirectory(lifetime)
  const database = await useDatabase(lifetime, directory)
  const options: AppOptions = { databaseUrl: database.url, directory, worker: 'off' }
  prepareDatabase(options)
  const keys = await populate(database, ORGANISATIONS)
  return { directory, database, keys, start: () => startApp(lifetime, options) }
}

/** Floods of two sides, for rounds, and how many answers each has given in all of them. */
export function useFloods<Side extends string>(generator: Generator, ports: Record<Side, number>) {
  const answers = Object.fromEntries(Object.keys(ports).map((side) => [side, 0])) as typeof ports
  const flood =
    (side: Side) =>
    async (phase: keyof typeof SECONDS): Promise<FloodResult> => {
      const result = await generator.flood(side, {
        port: ports[side],
        connections: CONNECTIONS,
        seconds: SECONDS[phase],
        requests: MOST_REQUESTS,
      })
      answers[side] += successes(result)
      return result
    }
  return { answers, flood }
}
