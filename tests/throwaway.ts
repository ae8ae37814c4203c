import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmbeddedCluster } from '#database/embedded/cluster'
import { dropDatabase, newDatabase } from '#tests/scratch_database'

/**
 * A database and a data directory that live as long as the test run, so that nobody's own are
 * touched: on the server of `DATABASE_URL` when it is set, else on an embedded one of its own.
 */
export async function useThrowaway(): Promise<() => Promise<void>> {
  // World-traversable: as root the server runs as another user.
  const directory = await mkdtemp(join(tmpdir(), 'daygen-test-'))
  process.env.DATA_DIR = directory
  const server = process.env.DATABASE_URL
  const discard = server ? await newDatabaseOn(server) : await newCluster(directory)
  return async () => {
    await discard()
    await rm(directory, { recursive: true, force: true })
  }
}

async function newCluster(directory: string) {
  const cluster = await EmbeddedCluster.acquire({
    dataDirectory: join(directory, 'postgres'),
    database: 'daygen_test',
    // Its data is thrown away, so it need not survive a power cut.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  })
  process.env.DATABASE_URL = cluster.url
  return () => cluster.release()
}

async function newDatabaseOn(server: string) {
  const url = await newDatabase(server, 'test')
  process.env.DATABASE_URL = url
  return () => dropDatabase(server, url)
}

/** A port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}
