import type { CloudTasksClient, protos } from '@google-cloud/tasks'

export interface CloudTasksSettings {
  project: string
  location: string
  /** The beginning of the queues' names: `daygen` for `daygen-0`, `daygen-1` … */
  queue: string
  /** How many queues share the work: one dispatches at most 500 tasks a second. */
  shards: number
  /** Where tasks are delivered: `/tasks/:job` under it. */
  url: string
  serviceAccount: string
  audience: string
  /** `host:port` of a stand-in that speaks without TLS, instead of Google's. */
  endpoint?: string
  /** How long a call may take before it counts as lost. */
  patienceMs?: number
}

/** What a task says. Everything else is read from the job when it arrives. */
export interface Task {
  accountId: string
  jobId: string
  runAt: Date
  traceparent: string | null
}

/** Why a task was not made, or may not have been. */
export type TaskTrouble =
  /** More than Google takes of us now. */
  | 'busy'
  /** It does not answer; the task may or may not exist. */
  | 'away'
  /** The queue is missing, or may not be used by us. */
  | 'setup'
  /** This task is not acceptable; others are. */
  | 'task'

export class TaskFault extends Error {
  constructor(
    readonly trouble: TaskTrouble,
    message: string
  ) {
    super(message)
  }
}

/** After this Google takes a delivery for lost and makes another. At most 30 minutes. */
const DISPATCH_DEADLINE_S = 15 * 60
const CALL_PATIENCE_MS = 10_000

interface ServiceFault {
  code?: number
  details?: string
  message: string
}

/** gRPC status codes by what they mean here; any other means that it is away. */
const TROUBLES: Record<number, TaskTrouble> = {
  3: 'task',
  5: 'setup',
  7: 'setup',
  8: 'busy',
  9: 'setup',
  16: 'setup',
}

/**
 * Google Cloud Tasks, through one client per process that is loaded and connected on its first
 * use: who runs on Postgres alone never pays for it.
 */
export class CloudTasks {
  #client: Promise<CloudTasksClient> | null = null
  #next = 0

  constructor(private readonly settings: CloudTasksSettings) {}

  /** The full names of all queues. */
  get queues(): string[] {
    const { project, location, queue, shards } = this.settings
    const parent = `projects/${project}/locations/${location}`
    return Array.from({ length: shards }, (_, shard) => `${parent}/queues/${queue}-${shard}`)
  }

  async client(): Promise<CloudTasksClient> {
    this.#client ??= connect(this.settings)
    return this.#client
  }

  /**
   * Makes a task. It has no name, so Google does not keep two of one job apart: whoever is told
   * twice finds out by the job. Throws a `TaskFault`.
   */
  async create(task: Task): Promise<void> {
    // In turn, so that each queue gets the same share.
    const parent = this.queues[this.#next++ % this.settings.shards]
    try {
      const client = await this.client()
      await client.createTask(
        { parent, task: this.#describe(task) },
        { timeout: this.settings.patienceMs ?? CALL_PATIENCE_MS, maxRetries: 0 }
      )
    } catch (error) {
      const { code, details, message } = error as ServiceFault
      // Without a code it did not come to a call: there are no credentials.
      const trouble = code === undefined ? 'setup' : (TROUBLES[code] ?? 'away')
      throw new TaskFault(trouble, `${parent}: ${details ?? message}`)
    }
  }

  async close() {
    const client = await this.#client?.catch(() => null)
    await client?.close()
  }

  #describe({ accountId, jobId, runAt, traceparent }: Task): protos.google.cloud.tasks.v2.ITask {
    const { url, serviceAccount, audience } = this.settings
    const isLater = runAt.getTime() > Date.now()
    return {
      httpRequest: {
        httpMethod: 'POST',
        url: `${url}/tasks/${jobId}`,
        headers: {
          'Content-Type': 'application/json',
          ...(traceparent ? { traceparent } : {}),
        },
        body: Buffer.from(JSON.stringify({ account: accountId, job: jobId })),
        oidcToken: { serviceAccountEmail: serviceAccount, audience },
      },
      scheduleTime: isLater ? timestampOf(runAt) : null,
      dispatchDeadline: { seconds: DISPATCH_DEADLINE_S },
    }
  }
}

async function connect({ endpoint, project }: CloudTasksSettings): Promise<CloudTasksClient> {
  const { CloudTasksClient: Client } = await import('@google-cloud/tasks')
  if (!endpoint) return new Client({ projectId: project })
  const { grpc, googleAuthLibrary } = await import('google-gax')
  const { GoogleAuth, PassThroughClient } = googleAuthLibrary
  const [host, port] = endpoint.split(':')
  return new Client({
    projectId: project,
    // Without credentials it would look for Google's own, and wait for them.
    auth: new GoogleAuth({ authClient: new PassThroughClient() }),
    apiEndpoint: host,
    port: Number(port),
    sslCreds: grpc.credentials.createInsecure(),
  })
}

function timestampOf(time: Date) {
  const ms = time.getTime()
  return { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 }
}
