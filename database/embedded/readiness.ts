import pg from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'

/** How a connection is made; the same facts as in the cluster's URL. */
export type Access = { port: number; user: string; password: string; database: string }

/** 57P03: the server is there and takes no connections yet, or no longer. */
const CANNOT_CONNECT_NOW = '57P03'
const TOO_MANY_CONNECTIONS = '53300'
const NO_SUCH_DATABASE = '3D000'

const PATIENCE_MS = 30_000
/** Replaying its log after a crash may take a server minutes, during which it answers. */
const RECOVERY_PATIENCE_MS = 600_000

/**
 * Waits until a connection works, and creates the database if it is absent.
 *
 * Returns `undefined` when it does, and otherwise what stands in the way: the server has ended,
 * refuses us, or says nothing for 30 seconds. One that recovers is given ten minutes.
 */
export async function becomeReady(
  access: Access,
  hasEnded: () => boolean
): Promise<string | undefined> {
  const startedAt = Date.now()
  for (;;) {
    const error = await connectTo(access)
    if (!error || error.code === TOO_MANY_CONNECTIONS) return undefined
    if (hasEnded()) return 'it ended'

    if (error.code === NO_SUCH_DATABASE) {
      const refusal = await createDatabase(access)
      if (refusal) return refusal.message
      continue
    }

    const answers = error instanceof pg.DatabaseError
    if (answers && error.code !== CANNOT_CONNECT_NOW) return error.message

    const isRecovering = answers && !error.message.includes('shutting down')
    const patience = isRecovering ? RECOVERY_PATIENCE_MS : PATIENCE_MS
    if (Date.now() - startedAt > patience) return error.message
    await sleep(15)
  }
}

function createDatabase(access: Access) {
  const statement = `CREATE DATABASE ${pg.escapeIdentifier(access.database)}`
  return connectTo({ ...access, database: 'postgres' }, statement)
}

/** Connects once; returns what was in the way, if anything. */
async function connectTo(
  access: Access,
  statement?: string
): Promise<(Error & { code?: string }) | undefined> {
  const client = new pg.Client({
    ...access,
    host: '127.0.0.1',
    ssl: false,
    connectionTimeoutMillis: 5_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    if (statement) await client.query(statement)
    return undefined
  } catch (error) {
    return error
  } finally {
    await client.end().catch(() => {})
  }
}
