import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/**
 * Runs a script in a process of its own, under the Node and the loader of this one, and hears its
 * lines as they come, of both its outputs. Answers how it ended: `null`, or in words why not well.
 */
export async function runHeard(
  script: URL,
  words: string[],
  { env, hear }: { env: NodeJS.ProcessEnv; hear: (line: string) => void }
): Promise<string | null> {
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(script), ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  for (const output of [child.stdout, child.stderr]) createInterface(output).on('line', hear)
  const [code, signal] = await once(child, 'close')
  return code === 0 ? null : (signal ?? `exit ${code}`)
}
