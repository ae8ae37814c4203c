import { randomBytes } from 'node:crypto'
import pg from 'pg'

/**
 * Makes a database on a server, empty or as a template has it, and answers its URL. Whoever makes
 * it drops it.
 */
export async function newDatabase(
  server: string,
  purpose: string,
  template = 'template1'
): Promise<string> {
  const url = new URL(server)
  url.pathname = `/daygen_${purpose}_${randomBytes(6).toString('hex')}`
  await administer(server, (client) =>
    client.query(`create database ${nameOf(url)} template ${template}`)
  )
  return url.href
}

/**
 * Ends our own sessions in it first, and not by `with (force)`: that is refused to all but
 * superusers while autovacuum happens to be there, where a plain drop sends it away.
 */
export async function dropDatabase(server: string, url: string): Promise<void> {
  const name = nameOf(new URL(url))
  await administer(server, async (client) => {
    await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = current_user',
      [name]
    )
    await client.query(`drop database ${name}`)
  })
}

function nameOf(url: URL): string {
  return url.pathname.slice(1)
}

async function administer(server: string, work: (client: pg.Client) => Promise<unknown>) {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  await work(client).finally(() => client.end())
}
