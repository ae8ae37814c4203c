import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { EmbeddedCluster } from '#database/embedded/cluster'
import { AnchorMissing } from './benchmark.js'

/** The settings that decide whether an answered commit survives a power cut. */
const DURABLE = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' }

export interface BenchDatabase {
  url: string
  /** For settings, checks and counts; not for what is measured. */
  client: pg.Client
  describe(): Promise<Record<string, string>>
}

/**
 * An empty, durable database of its own: on the server of `DATABASE_URL` where one is named,
 * else on an embedded cluster in `directory`. Gone with `lifetime`.
 */
export async function useDatabase(
  lifetime: AsyncDisposableStack,
  directory: string
): Promise<BenchDatabase> {
  const server = process.env.DATABASE_URL
  const url = server ? await newDatabase(lifetime, server) : await newCluster(lifetime, directory)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  lifetime.defer(() => client.end())
  const show = async (name: string): Promise<string> => {
    const { rows } = await client.query(`show ${name}`)
    return rows[0][name]
  }

  for (const [name, wanted] of Object.entries(DURABLE)) {
    if ((await show(name)) === wanted) continue
    throw new AnchorMissing(
      `${name} is not ${wanted} on this server. Only durable commits are measured.`
    )
  }
  const describe = async () => ({
    postgres: `${await show('server_version')}${server ? '' : ', embedded'}`,
    durability: Object.keys(DURABLE).join(', '),
    shared_buffers: await show('shared_buffers'),
  })
  return { url, client, describe }
}

async function newCluster(lifetime: AsyncDisposableStack, directory: string): Promise<string> {
  const cluster = await EmbeddedCluster.acquire({
    dataDirectory: join(directory, 'postgres'),
    database: 'daygen_bench',
    settings: DURABLE,
  })
  lifetime.defer(() => cluster.release())
  return cluster.url
}

async function newDatabase(lifetime: AsyncDisposableStack, server: string): Promise<string> {
  const name = `daygen_bench_${randomBytes(6).toString('hex')}`
  const admin = async (sql: string) => {
    const client = new pg.Client({ connectionString: server })
    await client.connect()
    await client.query(sql).finally(() => client.end())
  }
  await admin(`create database ${name}`)
  lifetime.defer(() => admin(`drop database ${name} with (force)`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
