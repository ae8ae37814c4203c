import { inject } from '@adonisjs/core'
import { failpoint } from '#core/failpoint'
import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import type { Actor } from '#core/ledger/types'
import { isRefused, ProviderHealth } from '#core/plugins/provider_health'
import type { RegisteredModel } from '#core/plugins/registry'
import { requestedOutputs, type Price, type PricePins } from '#core/prices/price_model'
import { JobQueue } from '#core/queue/job_queue'
import { MeteredJobs } from '#core/queue/metered_jobs'
import { Quota } from '#core/quota/quota'
import type { RateRoom } from '#core/quota/rate_room'
import type { Alternative, ExplainedRefusal } from '#core/quota/refusal_log'
import type { Waiting } from '#core/quota/waiting'
import { Streams } from '#core/streams/streams'
import { CallbackUrls } from '#app/outbound/callback_urls'
import { CheckQuote, type QuotePromise } from '#app/generations/actions/check_quote'
import { earlierRequestQuery } from '#app/generations/queries/earlier_request_query'
import { ExplainRefusal } from './explain_refusal.js'
import { PriceInput, type InputProblem, type PricedInput } from './price_input.js'

/** The longest a caller may let a generation wait. */
const LONGEST_MS = 24 * 3_600_000

export interface GenerationRequest {
  /** Where its id was given before it is asked for; a new one else. */
  id?: string
  accountId: string
  actor: Actor
  keyId?: string | null
  userId?: string | null
  endUser?: string | null
  model: string
  input: Record<string, unknown>
  /** A price that was promised before. It is what is held, whatever the price is today. */
  quoteId?: string
  maxCredits?: Credits
  deadline?: Date
  metadata?: Record<string, string>
  /** Is told how it ends, beside the organisation's endpoints. */
  webhookUrl?: string
  /** The batch it belongs to, whose budget is counted with it. */
  batch?: { id: string; budget: Credits | null }
  idempotency?: { key: string; requestHash: string } | null
  traceparent?: string | null
}

export interface StartedGeneration {
  id: string
  jobId: string
  input: Record<string, unknown>
  requested: number
  hold: Credits
  deadline: Date
  createdAt: Date
  model: string
  provider: string
  kind: string
  /** Set where it waits for a limit to have room. */
  waiting?: Waiting
}

/** What the rules of requests that counted the call have left. */
interface Rates {
  rates?: RateRoom[]
}

export type StartOutcome =
  | ({ outcome: 'started'; generation: StartedGeneration } & Rates)
  /** The idempotency key was used for the same request: this is what came of it. */
  | { outcome: 'exists'; generationId: string }
  | { outcome: 'conflict'; generationId: string }
  | { outcome: 'invalid'; problem: InputProblem }
  | ({
      outcome: 'refused'
      refusal: ExplainedRefusal
      refusalId: string
      alternative: Alternative | null
    } & Rates)
  | { outcome: 'key_revoked' }

type Priced = Extract<PricedInput, { ok: true }>

/** Prices an input, holds its ceiling and makes the job durable, or says why not. */
@inject()
export class StartGeneration {
  constructor(
    private readonly priceInput: PriceInput,
    private readonly metered: MeteredJobs,
    private readonly queue: JobQueue,
    private readonly quota: Quota,
    private readonly streams: Streams,
    private readonly explain: ExplainRefusal,
    private readonly checkQuote: CheckQuote,
    private readonly callbacks: CallbackUrls,
    private readonly health: ProviderHealth
  ) {}

  async handle(request: GenerationRequest): Promise<StartOutcome> {
    const outcome = await this.#try(request)
    if (outcome.outcome !== 'invalid') return outcome
    // A repeat is one even if it could not be asked today: its deadline or its files may be gone.
    return (await earlier(request)) ?? outcome
  }

  async #try(request: GenerationRequest): Promise<StartOutcome> {
    const now = new Date()
    const problem =
      deadlineProblem(request.deadline, now) ?? (await this.#callbackProblem(request.webhookUrl))
    if (problem) return { outcome: 'invalid', problem }
    const priced = await this.priceInput.handle({ ...request, createdBy: request.actor })
    if (!priced.ok) return { outcome: 'invalid', problem: priced.problem }
    const away = providerAway(this.health, priced.model, now)
    if (away) return { outcome: 'invalid', problem: away }
    const promise = await this.#promise(request, priced, now)
    if (!promise.ok) return { outcome: 'invalid', problem: promise.problem }
    const credits = promise.ceiling
    if (request.maxCredits && credits.micro > request.maxCredits.micro) {
      const limit = request.maxCredits
      return this.#refuse(request, priced, { type: 'max_credits_exceeded', needed: credits, limit })
    }
    return this.#start(request, priced, { ...promise, now })
  }

  async #callbackProblem(url: string | undefined): Promise<InputProblem | null> {
    const refusal = url === undefined ? null : await this.callbacks.check(url)
    return refusal && { code: refusal.type, param: '/webhook_url', message: refusal.message }
  }

  /** What is promised: a quote's ceiling and versions, or those of this moment. */
  async #promise(request: GenerationRequest, priced: Priced, now: Date): Promise<QuotePromise> {
    const { model, price, pin } = priced
    if (!request.quoteId) {
      return { ok: true, ceiling: price.credits, pins: { candidates: { [model.name]: pin } } }
    }
    const { accountId, quoteId } = request
    return this.checkQuote.handle({ accountId, quoteId, priced, now })
  }

  async #start(
    request: GenerationRequest,
    priced: Priced,
    { ceiling, pins, now }: { ceiling: Credits; pins: PricePins; now: Date }
  ): Promise<StartOutcome> {
    const { model, input, price } = priced
    const suffix = (request.id ?? newId('gen')).slice(4)
    const generation: Omit<StartedGeneration, 'createdAt' | 'waiting'> = {
      id: `gen_${suffix}`,
      jobId: `job_${suffix}`,
      input,
      requested: requestedOutputs(model, input),
      hold: ceiling,
      deadline: request.deadline ?? new Date(now.getTime() + model.execution.deadlineMs),
      model: model.name,
      provider: model.provider,
      kind: model.kind,
    }
    failpoint('before-hold')
    const result = await this.metered.start({
      ...generation,
      accountId: request.accountId,
      generationId: generation.id,
      actor: request.actor,
      keyId: request.keyId ?? null,
      userId: request.userId ?? null,
      endUser: request.endUser ?? null,
      pricePins: { ...pins },
      measures: measuresOf(price, generation.requested),
      limits: this.quota.defaults,
      batch: request.batch,
      idempotency: request.idempotency ?? null,
      metadata: request.metadata ?? {},
      webhookUrl: request.webhookUrl ?? null,
      maxAttempts: model.execution.maxAttempts,
      traceparent: request.traceparent ?? null,
    })
    if (result.outcome === 'refused') {
      const { refusal, rates } = result
      if (refusal.type === 'key_revoked') return { outcome: 'key_revoked' }
      return { ...this.#refuse(request, priced, refusal), rates }
    }
    if (result.outcome === 'conflict') return result
    if (result.outcome === 'exists') return { outcome: 'exists', generationId: result.generationId }
    failpoint('after-hold')
    this.queue.wake()
    this.streams.announce(request.accountId, generation.jobId)
    const { createdAt, rates, observed, waiting } = result
    if (observed) this.explain.observe(request, priced, observed)
    return { outcome: 'started', generation: { ...generation, createdAt, waiting }, rates }
  }

  #refuse(request: GenerationRequest, priced: Priced, refusal: ExplainedRefusal) {
    const why = this.explain.handle(request, priced, refusal)
    return { outcome: 'refused' as const, refusal, ...why }
  }
}

/** What came of the first request with this idempotency key. */
async function earlier({ accountId, keyId, idempotency }: GenerationRequest) {
  if (!idempotency) return null
  const { key, requestHash } = idempotency
  const known = await earlierRequestQuery({ accountId, key, keyId: keyId ?? null })
  if (!known) return null
  const outcome = known.requestHash === requestHash ? 'exists' : 'conflict'
  return { outcome, generationId: known.generationId } as const
}

/** Whether the provider is left alone for so long, or for such a reason, that work is not let wait for it. */
function providerAway(
  health: ProviderHealth,
  { name, provider }: RegisteredModel,
  now: Date
): InputProblem | null {
  const circuit = health.of(provider)
  if (!circuit || !isRefused(circuit, now.getTime())) return null
  const seconds = Math.max(1, Math.ceil((circuit.retryAt.getTime() - now.getTime()) / 1000))
  return {
    code: 'provider_unavailable',
    param: '/model',
    message: `${name} is not available: its provider does not take work at present. Nothing was charged. Use a model of another provider, or try again in ${seconds} s.`,
    retryAfterSeconds: seconds,
  }
}

function measuresOf({ quantities }: Price, requested: number): Record<string, bigint> {
  return { images: BigInt(requested), seconds: BigInt(Math.ceil(quantities.seconds)) }
}

function deadlineProblem(deadline: Date | undefined, now: Date): InputProblem | null {
  if (!deadline) return null
  const ahead = deadline.getTime() - now.getTime()
  if (ahead > 0 && ahead <= LONGEST_MS) return null
  return {
    code: 'invalid_parameter',
    param: '/deadline',
    message: 'The deadline must lie in the future, at most 24 hours ahead.',
  }
}
