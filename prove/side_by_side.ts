import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Command } from './command.js'

const RUN = fileURLToPath(new URL('run.ts', import.meta.url))
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

function runPart(part: number, words: string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const passed: string[] = []
    const child = spawn(process.execPath, [...process.execArgv, RUN, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, [PART]: '1' },
    })
    const tell = (line: string) =>
      console.log(line.startsWith('PROVE ') || line === '' ? line : `${'ab'[part]} │ ${line}`)
    createInterface(child.stderr).on('line', tell)
    createInterface(child.stdout).on('line', (line) => {
      const name = PASSED.exec(line)?.[1]
      if (name) passed.push(name)
      tell(line)
    })
    child.once('error', reject)
    child.once('close', () => resolve(passed))
  })
}
