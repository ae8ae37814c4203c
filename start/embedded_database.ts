import { EmbeddedCluster } from '#database/embedded/cluster'

let cluster: EmbeddedCluster | null = null

/** Starts this installation's own Postgres, or joins the one that runs. Answers its address. */
export async function useEmbeddedDatabase(dataDirectory: string): Promise<string> {
  cluster ??= await EmbeddedCluster.acquire({ dataDirectory, database: 'daygen' })
  return cluster.url
}

/** Lets go of it; the last process to do so stops it. */
export async function releaseEmbeddedDatabase() {
  await cluster?.release()
  cluster = null
}
