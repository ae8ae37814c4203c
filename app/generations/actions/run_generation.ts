import { setTimeout as wait } from 'node:timers/promises'
import { inject } from '@adonisjs/core'
import { Exception } from '@adonisjs/core/exceptions'
import { failpoint } from '#core/failpoint'
import type { ProviderAnswer, ProviderCall } from '#core/plugins/model_provider'
import { ProviderHealth } from '#core/plugins/provider_health'
import { ProviderPace } from '#core/plugins/provider_pace'
import { namedReferences } from '#core/plugins/references'
import { PluginRegistry, type RegisteredModel } from '#core/plugins/registry'
import { JobQueue } from '#core/queue/job_queue'
import type { ClaimedJob } from '#core/queue/types'
import { Streams } from '#core/streams/streams'
import workerSettings from '#config/worker'
import { openReferences } from '#app/assets/actions/open_reference'
import { DeliverOutputs } from '#app/generations/actions/deliver_outputs'
import { answerToFetch, FetchOutputs, type Done } from '#app/generations/actions/fetch_outputs'
import { FailAttempt } from '#app/generations/actions/fail_attempt'
import { LeaseLost, type Attempt, type ClaimedGeneration } from '#app/generations/attempt'
import { callbackUrl, isPublicAddress } from '#app/generations/callback_url'
import { Patience } from '#app/generations/patience'
import { ProgressReport } from '#app/generations/progress_report'
import { checkInput } from '#app/generations/validators/model_input'
import {
  GenerationToRunQuery,
  type GenerationToRun,
} from '#app/generations/queries/generation_to_run_query'
import { lostWorkersQuery } from '#app/generations/queries/lost_workers_query'

/** Not worth to let go of a job for. */
const SHORT_WAIT_MS = 1_000

/** Takes a claimed generation to its provider and to its outcome. */
@inject()
export class RunGeneration {
  readonly #generations = new GenerationToRunQuery()

  constructor(
    private readonly registry: PluginRegistry,
    private readonly queue: JobQueue,
    private readonly streams: Streams,
    private readonly fetch: FetchOutputs,
    private readonly deliver: DeliverOutputs,
    private readonly patience: Patience,
    private readonly failure: FailAttempt,
    private readonly health: ProviderHealth,
    private readonly pace: ProviderPace
  ) {}

  async handle(job: ClaimedJob, signal: AbortSignal) {
    this.streams.announce(job.accountId, job.id)
    const lease = { accountId: job.accountId, jobId: job.id, token: job.token }
    const generation = await this.patience.until(signal, () =>
      this.#generations.find(job.accountId, job.payload.generation as string)
    )
    const claimed = { job, lease, generation, signal, startedAt: startOf(job) }
    const model = this.registry.find(generation.model)
    const problem = model ? ownDefaults(claimed, model) : missing(generation)
    if (problem) await this.failure.fail(claimed, problem)
    else await this.#try(this.#attempt(claimed, model!))
    failpoint('after-outcome')
    this.streams.announce(job.accountId, job.id)
  }

  async #try(attempt: Attempt) {
    try {
      attempt.call.references = await this.#references(attempt)
      const answer = await this.#work(attempt)
      if (answer === 'parked') return
      if (answer.outputs.length === 0) throw new NoOutput()
      const delivery = await this.fetch.handle(attempt, answer)
      await attempt.progress.settled()
      await this.deliver.handle(attempt, delivery)
    } catch (error) {
      await attempt.progress.settled()
      await this.failure.handle(attempt, error)
    }
  }

  #attempt(claimed: ClaimedGeneration, model: RegisteredModel): Attempt {
    const { job, lease, generation, signal } = claimed
    const progress = new ProgressReport(async (fraction, detail) => {
      if (await this.queue.progress(lease, fraction, detail)) {
        this.streams.announce(job.accountId, job.id)
      }
    })
    const untilDeadline = AbortSignal.timeout(Math.max(1, job.deadline.getTime() - Date.now()))
    const call: ProviderCall = {
      model: model.id,
      input: generation.input,
      references: {},
      jobId: job.id,
      attempt: job.attempt,
      signal: AbortSignal.any([signal, untilDeadline]),
      callbackUrl: this.#callbackUrl(job, model),
      progress: (fraction, detail) => progress.tell(fraction, detail),
    }
    return {
      ...claimed,
      model,
      provider: this.registry.provider(model),
      call,
      progress,
      submitted: job.handle !== null,
      inDoubt: job.inDoubt && job.handle === null,
      handle: job.handle,
    }
  }

  /** `null` where the vendor has nothing to tell, or could not reach us. */
  #callbackUrl({ accountId, id }: ClaimedJob, model: RegisteredModel): string | null {
    if (!model.execution.callback) return null
    if (!isPublicAddress && !this.registry.isFaked(model)) return null
    return callbackUrl({ provider: model.provider, accountId, jobId: id })
  }

  /**
   * Submits, or takes up the handle of an attempt that was cut off or parked, and asks until it is
   * done: waiting in place, or parked where the next step is to be told.
   */
  async #work(attempt: Attempt): Promise<Done | 'parked'> {
    const { job, lease, provider, call } = attempt
    const known = job.handle
    if (await this.#costsWorkers(attempt)) {
      attempt.submitted ||= job.inDoubt
      throw new WorkersLost()
    }
    const made = answerToFetch(known)
    if (made) return made
    if (known && isCanceled(call)) await this.#cancel(attempt, known)
    call.signal.throwIfAborted()
    if (!known) await this.#keepPace(attempt)
    if (!known) failpoint('before-submit')
    attempt.submitted = true
    let answer = known ? await provider.poll(call, known) : await submit(attempt)
    attempt.inDoubt = false
    if (!known) failpoint('after-submit')
    while (answer.status === 'pending') {
      this.#heard(attempt)
      const { handle, pollAfterMs } = answer
      if (this.queue.delivery === 'push' && !isCanceled(call)) {
        await this.#park(attempt, handle, pollAfterMs)
        return 'parked'
      }
      if (JSON.stringify(handle) !== JSON.stringify(attempt.handle)) {
        const isOurs = await this.patience.until(call.signal, () =>
          this.queue.handOff(lease, handle)
        )
        if (!isOurs) throw new LeaseLost()
        failpoint('after-hand-off')
        this.streams.announce(job.accountId, job.id)
        attempt.handle = handle
      }
      try {
        await this.#pause(attempt, pollAfterMs)
      } catch (error) {
        if (isCanceled(call)) await this.#cancel(attempt, handle)
        throw error
      }
      answer = await provider.poll(call, handle)
    }
    this.#heard(attempt)
    return answer
  }

  /** Until it is time to ask again, or the vendor tells that there is news: not sooner than after a second. */
  async #pause({ job, model, call }: Attempt, pollAfterMs: number) {
    const { signal } = call
    if (!model.execution.callback) return wait(pollAfterMs, undefined, { signal })
    const news = new AbortController()
    const deafen = this.queue.onPoke(({ accountId, jobId }) => {
      if (jobId === job.id && accountId === job.accountId) news.abort()
    })
    try {
      await wait(Math.min(pollAfterMs, SHORT_WAIT_MS), undefined, { signal })
      const rest = pollAfterMs - SHORT_WAIT_MS
      if (rest <= 0) return
      await wait(rest, undefined, { signal: AbortSignal.any([signal, news.signal]) })
    } catch (error) {
      if (signal.aborted || !news.signal.aborted) throw error
    } finally {
      deafen()
    }
  }

  /** Whether it was with too many workers when they were lost. Costs nothing until it may have been. */
  async #costsWorkers({ job, call }: Attempt): Promise<boolean> {
    const { lostWorkers } = workerSettings
    if (job.attempt <= lostWorkers) return false
    const lost = await this.patience.until(call.signal, () =>
      lostWorkersQuery(job.accountId, job.id)
    )
    return lost >= lostWorkers
  }

  /** Of what only pretends, nothing is learnt. */
  #heard({ model }: Attempt) {
    if (model.audience === 'live') this.health.answered(model.provider)
  }

  /** Waits a moment for the vendor's rate, and hands the job back where it takes longer. */
  async #keepPace({ model, call }: Attempt) {
    const { rpm } = this.registry.limitsOf(model)
    if (!rpm) return
    const take = () => this.patience.until(call.signal, () => this.pace.take(model.provider, rpm))
    let waitMs = await take()
    if (waitMs > 0 && waitMs <= SHORT_WAIT_MS) {
      await wait(waitMs, undefined, { signal: call.signal })
      waitMs = await take()
    }
    if (waitMs > 0) throw new PaceFull(waitMs)
  }

  async #park(
    { lease, startedAt, progress, call }: Attempt,
    handle: Record<string, unknown>,
    pollAfterMs: number
  ) {
    await progress.settled()
    const now = Date.now()
    const runAt = new Date(now + pollAfterMs)
    const beganAt = new Date(now - (performance.now() - startedAt))
    const isOurs = await this.patience.until(call.signal, () =>
      this.queue.park(lease, { handle, runAt, beganAt })
    )
    if (!isOurs) throw new LeaseLost()
    failpoint('after-hand-off')
    this.queue.wake()
  }

  async #cancel({ model, provider, call }: Attempt, handle: Record<string, unknown>) {
    if (model.capabilities.cancel) await provider.cancel(call, handle)
  }

  async #references({ job, generation, model, call }: Attempt) {
    const ours = <Result>(step: () => Promise<Result>) => this.patience.until(call.signal, step)
    const { input }: GenerationToRun = generation
    const found: ProviderCall['references'] = {}
    const named = namedReferences(model.references, input)
    if (named.length === 0) return found
    const ids = named.map(({ value }) => String(value))
    const files = await ours(() => openReferences(job.accountId, ids))
    for (const { at, value } of named) {
      const file = files.get(String(value))!
      found[at] = { ...file, bytes: () => ours(file.bytes) }
    }
    return found
  }
}

/** Where several models were named, each has its own defaults, and may have changed since. */
function ownDefaults({ job, generation }: ClaimedGeneration, model: RegisteredModel) {
  if (!('models' in job.payload)) return null
  const problem = checkInput(model, generation.input, '/input')
  return (
    problem && {
      class: 'invalid_input' as const,
      message: `${model.name} does not take this input any more. Nothing was charged.`,
    }
  )
}

function missing({ model }: GenerationToRun) {
  return {
    class: 'model_retired' as const,
    message: `${model} is no longer offered here. Nothing was charged.`,
  }
}

/** Never blindly: where the vendor may have the work already, it is asked, or has to know the job by its id. */
async function submit(attempt: Attempt): Promise<ProviderAnswer> {
  const { model, provider, call } = attempt
  const { resubmit } = model.execution
  if (attempt.inDoubt && !resubmit) throw new OutcomeUnknown()
  if (attempt.inDoubt && resubmit === 'lookup') {
    const found = await provider.lookup(call)
    if (found) return found
    attempt.inDoubt = false
  }
  return provider.submit(call)
}

function isCanceled({ signal }: ProviderCall): boolean {
  return signal.reason === 'canceled'
}

/** When the attempt began, by `performance.now()`: it may have been parked since. */
function startOf({ attemptBeganAt }: ClaimedJob): number {
  const now = performance.now()
  return attemptBeganAt ? now - Math.max(0, Date.now() - attemptBeganAt.getTime()) : now
}

/** As many submits as the vendor takes in a minute were made. */
class PaceFull extends Exception {
  static code = 'E_PROVIDER_PACE'
  static message = 'As many calls were made as the provider takes in a minute.'

  constructor(readonly retryAfterMs: number) {
    super()
  }
}

class NoOutput extends Exception {
  static code = 'E_NO_OUTPUT'
  static message = 'The provider answered without an output.'
}

class WorkersLost extends Exception {
  static code = 'E_WORKERS_LOST'
  static message = 'The worker was lost in each of the tries.'
}

class OutcomeUnknown extends Exception {
  static code = 'E_OUTCOME_UNKNOWN'
  static message = 'The worker was lost while the provider may have had the work.'
}
