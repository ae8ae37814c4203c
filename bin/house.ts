import { Ignitor, prettyPrintError } from '@adonisjs/core'

/** Faults whose message already says what happened and what to do. */
const SELF_EXPLAINED = /^E_(DATABASE|DATA|PLUGIN|PRICE|INVALID_ENV|LEDGER_KEY)/

/** Longer than the worker's own patience (config/worker.ts) with all that follows. */
const LONGEST_STOP_MS = 20_000

const ROOT = new URL('../', import.meta.url)

/** Modules are named from the root of the project. */
const importer = (path: string) =>
  path.startsWith('./') || path.startsWith('../') ? import(new URL(path, ROOT).href) : import(path)

/** The application as every entry opens it: same environment, same way to leave. */
export function house(): Ignitor {
  return new Ignitor(ROOT, { importer }).tap((app) => {
    app.booting(async () => {
      // Generating code only looks at the application: no database is started for that.
      if (app.getMode() === 'warmup') process.env.DATABASE_URL ??= 'postgres://none'
      await import('#start/env')
    })
    let leaving = false
    const leave = () => {
      // Asked twice, it goes at once. Jobs come back by their leases, the database by its log.
      if (leaving) process.exit(130)
      leaving = true
      if (process.stderr.isTTY)
        console.error(
          '\nStopping. Running jobs are finished or handed back; Ctrl-C again leaves at once.'
        )
      // A service that is away must not keep the process from going.
      setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref()
      app.terminate()
    }
    app.listen('SIGTERM', leave)
    app.listen('SIGINT', leave)
    followNpm(leave)
  })
}

/** npm passes a signal on to its shell only, which goes without telling us. */
function followNpm(leave: () => void) {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    leave()
  }, 500)
  watch.unref()
}

/** Says why it cannot start, lets go of the database and leaves. */
export async function giveUp(error: unknown): Promise<never> {
  await complain(error)
  const { releaseEmbeddedDatabase } = await import('#start/embedded_database')
  await releaseEmbeddedDatabase().catch(complain)
  process.exit(1)
}

/** A sentence for what people can mend, the whole trace for the rest. */
async function complain(error: unknown) {
  const { code, message, help } = error as { code?: string; message?: string; help?: string }
  if (code && SELF_EXPLAINED.test(code)) {
    console.error(`\n${message}${help ? `\n${help}` : ''}\n`)
  } else if (code === 'EADDRINUSE') {
    console.error(
      `\nPort ${process.env.PORT} on ${process.env.HOST} is taken. Stop what runs there, or choose another: PORT=3334 npm start\n`
    )
  } else if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || /^(28|3D)/.test(code ?? '')) {
    console.error(
      `\nThe database of DATABASE_URL cannot be used: ${message}. Check its address, name and password.\n`
    )
  } else {
    await prettyPrintError(error)
  }
}
