/**
 * The command line: `node ace <command>`, from any directory and with any Node that can start it.
 * Each import prepares for the next, so they are taken one by one: the guard leaves an old Node,
 * ts-exec makes TypeScript importable and looks for tsconfig.json from the directory it is told.
 */
import './bin/node_guard.js'

process.env.TS_EXEC_PWD ??= import.meta.dirname
await import('@poppinss/ts-exec')
await import('./bin/console.js')
