import { inject } from '@adonisjs/core'
import { Logger } from '@adonisjs/core/logger'
import { isResting, ProviderHealth } from '#core/plugins/provider_health'
import { PluginRegistry } from '#core/plugins/registry'
import { Suspensions } from '#core/plugins/suspensions'
import { JobQueue } from '#core/queue/job_queue'
import { MeteredJobs, type FallbackPayload, type FallBackRequest } from '#core/queue/metered_jobs'
import type { Lease } from '#core/queue/types'
import { Quota } from '#core/quota/quota'
import { Streams } from '#core/streams/streams'

/** What there is to tell of the attempt before. */
type Attempted = Pick<FallBackRequest, 'error' | 'usage' | 'loss'>

interface Move {
  lease: Lease
  payload: Record<string, unknown>
  /** Nobody works on it. */
  idle?: boolean
}

/** Takes a job to the next of the models that its caller named, if there is one that can be asked now. */
@inject()
export class FallBack {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly suspensions: Suspensions,
    private readonly health: ProviderHealth,
    private readonly metered: MeteredJobs,
    private readonly quota: Quota,
    private readonly queue: JobQueue,
    private readonly streams: Streams,
    private readonly logger: Logger
  ) {}

  /** Whether it has gone on elsewhere, or is somebody else's by now. */
  async handle({ lease, payload, idle }: Move, attempted: Attempted = {}): Promise<boolean> {
    const candidates = fallbacksOf(payload)
    const skipped: FallBackRequest['skipped'] = []
    for (const [n, to] of candidates.entries()) {
      let because = this.#hindrance(to)
      if (!because) {
        const rest = candidates.slice(n + 1)
        const limits = this.quota.defaults
        const move = { ...attempted, lease, idle, to, rest, skipped, limits }
        const result = await this.metered.fallBack(move)
        if (result.outcome === 'moved') this.#moved(lease, to.model)
        if (result.outcome !== 'refused') return true
        because = result.because
      }
      skipped.push({ model: to.model, because })
    }
    return false
  }

  /** Jobs that wait for a provider which is left alone, each as the way to take it to another. */
  async due(limit: number): Promise<(() => Promise<boolean>)[]> {
    const resting = this.health.open().filter((circuit) => isResting(circuit))
    if (resting.length === 0) return []
    const providers = resting.map(({ provider }) => provider)
    const waiting = await this.metered.waitingFor(providers, limit)
    return waiting.map(({ payload, accountId, jobId, token }) => {
      const lease = { accountId, jobId, token }
      return () => this.handle({ lease, payload: { ...payload }, idle: true })
    })
  }

  #hindrance({ model: name, provider }: FallbackPayload['fallbacks'][number]): string | null {
    const model = this.registry.find(name)
    if (!model) return 'model_not_found'
    if (this.registry.lifecycle(model).state === 'retired') return 'model_retired'
    if (this.suspensions.of(name)) return 'model_suspended'
    const circuit = this.health.of(provider)
    return circuit && isResting(circuit) ? 'provider_unavailable' : null
  }

  #moved({ accountId, jobId }: Lease, model: string) {
    this.logger.info({ job: jobId, model }, 'a generation goes on with another model')
    this.streams.announce(accountId, jobId)
    this.queue.wake()
  }
}

/** The models that a job may still be taken to. */
export function fallbacksOf(payload: Record<string, unknown>): FallbackPayload['fallbacks'] {
  return (payload as Partial<FallbackPayload>).fallbacks ?? []
}

/** Which try of the model at hand an attempt is. */
export function tryOf({ attempt, payload }: { attempt: number; payload: object }): number {
  return attempt - ((payload as Partial<FallbackPayload>).before ?? 0)
}
