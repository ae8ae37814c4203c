import { access, constants } from 'node:fs/promises'
import { inject } from '@adonisjs/core'
import { JobQueue } from '#core/queue/job_queue'
import { directories } from '#start/directories'

const PATIENCE_MS = 2_000

/** Whether this process can do its work: database and files. */
@inject()
export class ReadinessQuery {
  constructor(private readonly queue: JobQueue) {}

  async handle() {
    const [database, files] = await Promise.all([
      attempt(() => this.queue.depth()),
      attempt(() => access(directories.data, constants.W_OK)),
    ])
    return {
      ready: database.ok && files.ok,
      checks: {
        database: database.ok ? 'ok' : 'unreachable',
        files: files.ok ? 'ok' : 'not writable',
        // Not a reason to take no requests: what is accepted waits.
        work: this.queue.trouble() ?? 'ok',
      },
      queue: database.value && {
        queued: database.value.queued,
        running: database.value.running,
        oldest_queued_at: database.value.oldestQueuedAt,
      },
    }
  }
}

async function attempt<Value>(task: () => Promise<Value>): Promise<{ ok: boolean; value?: Value }> {
  let timer!: NodeJS.Timeout
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), PATIENCE_MS)
  })
  try {
    return { ok: true, value: await Promise.race([task(), late]) }
  } catch {
    return { ok: false }
  } finally {
    clearTimeout(timer)
  }
}
