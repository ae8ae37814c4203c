import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An empty directory, gone with `lifetime`. */
export async function useDirectory(lifetime: AsyncDisposableStack): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'daygen-bench-'))
  lifetime.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 10 }))
  return directory
}
