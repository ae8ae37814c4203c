import { runHeard } from '#tests/heard_process'
import type { Command } from './command.js'

const RUN = new URL('run.ts', import.meta.url)
/** Told to a process that runs its part of the proofs, one after the other. */
export const PART = 'PROVE_PART'
const PASSED = /^PROVE (\S+) ok /

/** What waits for processes that it kills, beside which there is room for what computes; both take as long. */
const KILLERS = ['clock', 'kill', 'workers', 'restart', 'relay', 'webhooks', 'batches', 'storage']

/**
 * Runs proofs in two processes, each with a Postgres of its own, as those that kill theirs must not
 * kill the others'. Answers the names of those that did not end well.
 */
export async function proveSideBySide({ proofs, size, seed, minutes, driver }: Command) {
  const options = [`--${size}`, `--seed=${seed}`]
  if (minutes !== undefined) options.push(`--minutes=${minutes}`)
  if (driver !== undefined) options.push(`--driver=${driver}`)
  const parts = [
    proofs.filter((name) => KILLERS.includes(name)),
    proofs.filter((name) => !KILLERS.includes(name)),
  ]
  const passed = await Promise.all(
    parts.map((names, part) => (names.length === 0 ? [] : runPart(part, [...names, ...options])))
  )
  return proofs.filter((name) => !passed.flat().includes(name))
}

async function runPart(part: number, words: string[]): Promise<string[]> {
  const passed: string[] = []
  await runHeard(RUN, words, {
    env: { [PART]: '1' },
    hear(line) {
      const name = PASSED.exec(line)?.[1]
      if (name) passed.push(name)
      console.log(line.startsWith('PROVE ') || line === '' ? line : `${'ab'[part]} │ ${line}`)
    },
  })
  return passed
}
