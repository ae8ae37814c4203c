import { setTimeout as wait } from 'node:timers/promises'
import { inject } from '@adonisjs/core'
import { Logger } from '@adonisjs/core/logger'
import { failpoint } from '#core/failpoint'
import { Credits } from '#core/ledger/credits'
import type { Classified, Usage } from '#core/plugins/model_provider'
import { ProviderHealth } from '#core/plugins/provider_health'
import { JobQueue } from '#core/queue/job_queue'
import { MeteredJobs } from '#core/queue/metered_jobs'
import { ERROR_POLICIES } from '#core/queue/error_policy'
import { isFree, retryAt } from '#core/queue/retry_policy'
import type { ErrorClass, JobError } from '#core/queue/types'
import { FallBack, fallbacksOf, tryOf } from '#app/generations/actions/fall_back'
import { PriceFailure, type PricedFailure } from '#app/generations/actions/price_failure'
import { LeaseLost, usageOf, type Attempt, type ClaimedGeneration } from '#app/generations/attempt'
import { Patience } from '#app/generations/patience'

/** Decides what a thrown value means for the job: stop, hand back, try again or fail. */
@inject()
export class FailAttempt {
  constructor(
    private readonly queue: JobQueue,
    private readonly metered: MeteredJobs,
    private readonly price: PriceFailure,
    private readonly patience: Patience,
    private readonly health: ProviderHealth,
    private readonly fallBack: FallBack,
    private readonly logger: Logger
  ) {}

  async handle(attempt: Attempt, raw: unknown) {
    const { job, lease, call, provider } = attempt
    if (raw instanceof LeaseLost || call.signal.reason === 'lease_lost') return
    if (call.signal.reason === 'draining') {
      await this.queue.handBack(lease, { inDoubt: attempt.submitted && !attempt.handle })
      this.queue.wake()
      return
    }
    if (call.signal.reason === 'canceled') {
      const canceled: Classified = { class: 'canceled', message: 'The work was stopped.' }
      const priced = await this.patience.until(attempt.signal, () =>
        this.price.handle(attempt, canceled)
      )
      return this.#end(attempt, 'canceled', priced)
    }
    const left = job.deadline.getTime() - Date.now()
    if (left <= 0 || call.signal.reason?.name === 'TimeoutError') {
      // A timer may ring a moment early, and the database goes by its clock.
      await wait(Math.max(0, left) + 5)
      await this.metered.expire(lease, 'deadline')
      return
    }
    const fault = ownFault(raw)
    const classified = fault ?? provider.classify(raw)
    // Of what only pretends, and fails on request, nothing is learnt.
    if (!fault && attempt.model.audience === 'live') {
      const { class: errorClass, message, providerCode } = classified
      // The vendor's own code tells an operator more than what users are told.
      const told = providerCode ? `${message} (${providerCode})` : message
      this.health.failed(attempt.model.provider, { class: errorClass, message: told })
    }
    const broken = classified.class === 'internal'
    this.logger[broken ? 'error' : 'info'](
      { err: broken ? raw : undefined, job: job.id, class: classified.class },
      'a generation attempt failed'
    )
    // Only a vendor can end a doubt, by a word of the work itself.
    if (!fault && TELLS_OF_THE_WORK.has(classified.class)) attempt.inDoubt = false
    await this.#retryOrFail(attempt, classified)
  }

  /**
   * Ends a job that no further try of its model can help. Its hold goes back, or on to another model
   * where the provider has not been given the work.
   */
  async fail(claimed: ClaimedGeneration, error: JobError) {
    const { job } = claimed
    if (job.handle || job.inDoubt) {
      return this.#end(claimed, 'failed', this.price.abandoned(claimed, error.class), error)
    }
    const usage = usageOf(claimed, { status: 'failed', errorClass: error.class })
    const priced = { usage, cost: Credits.zero, worth: Credits.zero }
    if (await this.#fellBack(claimed, error, priced)) return
    await this.#end(claimed, 'failed', priced, error)
  }

  async #retryOrFail(attempt: Attempt, classified: Classified): Promise<void> {
    const { job, lease, signal } = attempt
    const { class: errorClass, message, providerCode, retryAfterMs } = classified
    const error: JobError = { class: errorClass, message, providerCode }
    const way = errorClass === 'outcome_unknown' ? attempt.model.execution.resubmit : undefined
    const runAt = retryAt({
      class: way ? CLASS_OF_DOUBT[way] : errorClass,
      attempt: tryOf(job),
      maxAttempts: job.maxAttempts - job.attempt + tryOf(job),
      retryAfterMs,
      now: new Date(),
      deadline: job.deadline,
    })
    if (attempt.inDoubt && !runAt && ERROR_POLICIES[errorClass].loss !== 'unknown') {
      attempt.submitted = true
      return this.#retryOrFail(attempt, LEFT_IN_DOUBT)
    }
    const priced = await this.patience.until(signal, () => this.price.handle(attempt, classified))
    // Who named others does not want to wait for this one, unless it may have been done already.
    const isOver = !runAt || (isFree(errorClass) && !attempt.inDoubt)
    if (isOver && (await this.#fellBack(attempt, error, priced))) return
    if (!runAt) return this.#end(attempt, 'failed', priced, error)
    const free = way === 'lookup' || isFree(errorClass)
    const retry = {
      runAt,
      error,
      free,
      keepHandle: errorClass === 'transient_on_poll',
      inDoubt: errorClass === 'outcome_unknown' || attempt.inDoubt,
      // A vendor that knows the job by its id bills it once, with the try that it answers.
      usage: free || way ? undefined : priced.usage,
    }
    failpoint('before-retry')
    await this.patience.until(signal, () => this.queue.retry(lease, retry))
    failpoint('after-retry')
    setTimeout(() => this.queue.wake(), runAt.getTime() - Date.now()).unref()
  }

  /** Whether the job goes on with another model, which takes nothing away from what this attempt costs us. */
  async #fellBack(
    { job, lease, signal }: ClaimedGeneration,
    error: JobError,
    { usage, worth }: PricedFailure
  ): Promise<boolean> {
    if (fallbacksOf(job.payload).length === 0 || !ERROR_POLICIES[error.class].failOver) return false
    const { vendorCostMicroUsd } = usage
    const loss =
      vendorCostMicroUsd > 0n
        ? { kind: 'fallback' as const, credits: worth, vendorCostMicroUsd, assumed: false }
        : undefined
    return this.patience.until(signal, () =>
      this.fallBack.handle({ lease, payload: job.payload }, { error, usage, loss })
    )
  }

  async #end(
    { lease, signal }: ClaimedGeneration,
    state: 'failed' | 'canceled',
    { usage, cost, loss }: PricedFailure,
    error?: JobError
  ) {
    failpoint('before-fail')
    const outcome = {
      ...{ lease, state, cost, delivered: 0, outputs: [], usage, loss },
      error:
        error && cost.micro > 0n ? { ...error, message: chargedMessage(error.message) } : error,
    }
    await this.patience.until(signal, () => this.metered.finish(outcome))
  }
}

/** What may be done with a job in doubt is done as often as what it is like. */
const CLASS_OF_DOUBT = {
  safe: 'transient_before_accept',
  lookup: 'transient_on_poll',
} as const

/** What a vendor says of work that it was given. Whatever else it refuses may be only this one call. */
const TELLS_OF_THE_WORK: ReadonlySet<ErrorClass> = new Set<ErrorClass>([
  ...(['invalid_input', 'blocked_input', 'blocked_output'] as const),
  ...(['provider_failed', 'no_output'] as const),
])

/** What a job in doubt comes to, if it can be asked no further: whatever stopped the asking, the doubt remains. */
const LEFT_IN_DOUBT: Classified = {
  class: 'outcome_unknown',
  message: 'It is not known what became of the work at its provider. Nothing was charged.',
}

/** The price is not what anybody expects of a failure, so it is said with it. */
function chargedMessage(message: string): string {
  return `${message.replace(' Nothing was charged.', '')} The model's declared policy charges for it.`
}

/** What a fault of our own means: the provider did not cause it, and cannot read it. */
function ownFault(raw: unknown): Classified | null {
  switch ((raw as { code?: string } | null)?.code) {
    case 'E_ASSET_MISSING':
      return {
        class: 'invalid_input',
        message: 'A reference was deleted before the work began. Nothing was charged.',
      }
    case 'E_FILE_UNREADABLE':
      return {
        class: 'provider_failed',
        message: 'The provider delivered a file that cannot be read. Nothing was charged.',
      }
    case 'E_PROVIDER_PACE':
      return {
        class: 'rate_limited',
        message: 'As many calls were made as the provider takes in a minute.',
        retryAfterMs: (raw as { retryAfterMs: number }).retryAfterMs,
      }
    case 'E_OUTCOME_UNKNOWN':
      return LEFT_IN_DOUBT
    case 'E_WORKERS_LOST':
      return {
        class: 'worker_lost',
        message: 'The work took its worker with it in each of its tries. Nothing was charged.',
      }
    case 'E_OUTPUT_LOST':
      return {
        class: 'asset_lost',
        message: 'What the provider made could not be fetched from it. Nothing was charged.',
        usage: (raw as { usage: Usage }).usage,
      }
    case 'E_NO_OUTPUT':
      return {
        class: 'no_output',
        message: 'The provider answered without an output. Nothing was charged.',
      }
    default:
      return null
  }
}
