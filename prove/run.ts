import '../bin/node_guard.js'

import type { ApplicationService } from '@adonisjs/core/types'
import { Server } from './harness/server.js'
import { MUTANTS } from './mutants.js'
import { isFailure, type Counts, type Trial } from './proof.js'
import { readCommand, USAGE, UsageFault, type Command } from './command.js'
import { PART, proveSideBySide } from './side_by_side.js'

process.env.NODE_ENV = 'test'
process.env.LOG_LEVEL ??= 'fatal'

/** By name, in the order in which they run. */
const PROOFS: Trial['proofs'] = {
  ledger: () => import('./proofs/ledger.js'),
  overspend: () => import('./proofs/overspend.js'),
  deliveries: () => import('./proofs/deliveries.js'),
  clock: () => import('./proofs/clock.js'),
  kill: () => import('./proofs/kill.js'),
  workers: () => import('./proofs/workers.js'),
  restart: () => import('./proofs/restart.js'),
  relay: () => import('./proofs/relay.js'),
  webhooks: () => import('./proofs/webhooks.js'),
  batches: () => import('./proofs/batches.js'),
  sse: () => import('./proofs/sse.js'),
  storage: () => import('./proofs/storage.js'),
  mutants: () => import('./proofs/mutants.js'),
}

process.exit(await main())

async function main(): Promise<number> {
  let command: Command
  try {
    command = readCommand(process.argv.slice(2), Object.keys(PROOFS), MUTANTS)
  } catch (error) {
    if (!(error instanceof UsageFault)) throw error
    console.error(`${error.message}\n\n${USAGE}`)
    return 1
  }
  if (command.help) {
    console.log(USAGE)
    return 0
  }
  const began = performance.now()
  const isAll = command.proofs.length > 1 && !process.env[PART]
  const failed = isAll ? await proveSideBySide(command) : await proveHere(command)
  if (isAll) {
    const verdict =
      failed.length > 0 ? `FAILED ${failed.join(', ')}` : `ok proofs=${command.proofs.length}`
    console.log(`\nPROVE all ${verdict} seconds=${secondsSince(began)} seed=${command.seed}`)
  }
  return failed.length > 0 ? 1 : 0
}

/** One after the other, in this process. Answers those that failed. */
async function proveHere(command: Command): Promise<string[]> {
  const lifetime = new AsyncDisposableStack()
  try {
    const server = await Server.start(lifetime, bootApplication)
    const failed: string[] = []
    for (const name of command.proofs) {
      if (!(await prove(name, server, command))) failed.push(name)
    }
    return failed
  } finally {
    await lifetime.disposeAsync()
  }
}

async function prove(
  name: string,
  server: Server,
  { seed, size, minutes = Infinity, mutant, driver }: Command
): Promise<boolean> {
  const { default: proof } = await PROOFS[name]()
  const without = mutant ? `, without ${mutant.name}` : ''
  console.log(`\n${proof.name}: ${proof.about}\nseed ${seed}, size ${size}${without}\n`)
  const began = performance.now()
  try {
    const counts = await proof.run({
      server,
      proofs: PROOFS,
      seed,
      size,
      mutant,
      driver,
      tell: console.log,
      isTimeUp: () => secondsSince(began) >= minutes * 60,
    })
    console.log(`PROVE ${proof.name} ok ${textOf(counts, { seed, began })}`)
    return true
  } catch (error) {
    if (!isFailure(error)) console.error(error)
    const [first, ...rest] = (error as Error).message.split('\n')
    if (rest.length > 0) console.log(rest.join('\n'))
    console.log(`PROVE ${proof.name} FAILED ${first} (seed ${seed}${without})`)
    return false
  }
}

function textOf(counts: Counts, { seed, began }: { seed: number; began: number }): string {
  const seconds = secondsSince(began)
  return Object.entries({ ...counts, seconds, seed })
    .map(([name, count]) => `${name}=${count}`)
    .join(' ')
}

function secondsSince(began: number): number {
  return Math.round((performance.now() - began) / 1000)
}

/** For its migrations; nothing of it is started. */
async function bootApplication(): Promise<ApplicationService> {
  await import('reflect-metadata')
  const { house } = await import('../bin/house.js')
  const app = house().createApp('console')
  await app.init()
  await app.boot()
  return app
}
