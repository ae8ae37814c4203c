import { parseArgs } from 'node:util'
import { DRIVERS, type Driver, type Mutant, type Size } from './proof.js'

export interface Command {
  help: boolean
  proofs: string[]
  size: Size
  seed: number
  /** After so many, each proof stops and says how far it came. */
  minutes?: number
  mutant?: Mutant
  driver?: Driver
}

export class UsageFault extends Error {}

export const USAGE = `npm run prove -- <name> …   proofs by name: ledger, overspend, deliveries, clock, kill,
                                workers, restart, relay, webhooks, batches, sse, storage,
                                mutants
npm run prove -- --ci       all of them

  --ci              sizes for every change, a few minutes for all (the default size)
  --small           sizes for trying
  --release         sizes for a release, hours
  --minutes <n>     each stops after so many, and says how far it came
  --seed <n>        the same calls again; printed by every run
  --mutant <name>   takes something out of the ledger first; the proof must then fail
  --driver <name>   only with jobs that come by postgres or cloud_tasks (deliveries)
  --help            this

docs/proofs.md says what each shows and how to read a failure.`

/** Words of the command line, checked. */
export function readCommand(words: string[], names: string[], mutants: Mutant[]): Command {
  const { values, positionals } = parse(words)
  const unknown = positionals.filter((name) => !names.includes(name))
  if (unknown.length > 0) {
    throw new UsageFault(`There is no proof ${unknown.join(', ')}. There are: ${names.join(', ')}.`)
  }
  const sizes = (['small', 'ci', 'release'] as const).filter((size) => values[size])
  if (sizes.length > 1) throw new UsageFault(`Choose one of --${sizes.join(' and --')}.`)
  const all = values.ci || values.release ? names : []
  const proofs = positionals.length > 0 ? positionals : all
  if (proofs.length === 0 && !values.help) {
    throw new UsageFault('Name a proof, or all of them with --ci.')
  }
  return {
    help: values.help ?? false,
    proofs,
    size: sizes[0] ?? 'ci',
    seed: seedOf(values.seed),
    minutes: minutesOf(values.minutes),
    driver: driverOf(values.driver),
    mutant: values.mutant === undefined ? undefined : mutantOf(values.mutant, proofs, mutants),
  }
}

function parse(words: string[]) {
  const flag = { type: 'boolean' } as const
  const text = { type: 'string' } as const
  const sizes = { ci: flag, small: flag, release: flag }
  const options = { ...sizes, help: flag, seed: text, minutes: text, mutant: text, driver: text }
  try {
    return parseArgs({ args: words, allowPositionals: true, options })
  } catch (error) {
    throw new UsageFault((error as Error).message)
  }
}

function seedOf(text: string | undefined): number {
  if (text === undefined) return Math.floor(Math.random() * 1_000_000_000)
  if (!/^\d{1,10}$/.test(text)) throw new UsageFault(`--seed is a whole number, not "${text}".`)
  return Number(text)
}

function minutesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,4}$/.test(text)) {
    throw new UsageFault(`--minutes is a whole number above zero, not "${text}".`)
  }
  return Number(text)
}

function driverOf(text: string | undefined): Driver | undefined {
  const found = DRIVERS.find((driver) => driver === text)
  if (text !== undefined && !found) {
    throw new UsageFault(`--driver is ${DRIVERS.join(' or ')}, not "${text}".`)
  }
  return found
}

function mutantOf(name: string, proofs: string[], mutants: Mutant[]): Mutant {
  const found = mutants.find((mutant) => mutant.name === name)
  if (!found) {
    const names = mutants.map((mutant) => mutant.name).join(', ')
    throw new UsageFault(`There is no mutant ${name}. There are: ${names}.`)
  }
  if (proofs.length !== 1) throw new UsageFault('A mutant is tried on one proof. Name it.')
  return found
}
