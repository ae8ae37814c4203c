import { inject } from '@adonisjs/core'
import { failpoint } from '#core/failpoint'
import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import type { Actor } from '#core/ledger/types'
import { ProviderHealth } from '#core/plugins/provider_health'
import { requestedOutputs, type PricePins } from '#core/prices/price_model'
import { JobQueue } from '#core/queue/job_queue'
import { MeteredJobs, type Fallback } from '#core/queue/metered_jobs'
import { Quota } from '#core/quota/quota'
import type { RateRoom } from '#core/quota/rate_room'
import type { Alternative, ExplainedRefusal } from '#core/quota/refusal_log'
import type { Waiting } from '#core/quota/waiting'
import { Streams } from '#core/streams/streams'
import { CallbackUrls } from '#app/outbound/callback_urls'
import { CheckQuote, type QuotePromise } from '#app/generations/actions/check_quote'
import { earlierRequestQuery } from '#app/generations/queries/earlier_request_query'
import { ExplainRefusal } from './explain_refusal.js'
import { PriceCandidates, type Priced } from './price_candidates.js'
import { PriceInput, type InputProblem } from './price_input.js'
import { providerAway } from './provider_away.js'

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
  /** Further models to ask, in this order, should that one not deliver. */
  fallbacks?: string[]
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
  /** All that may be asked, where there are several. */
  models: string[] | null
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

/** The model to begin with, and the others. */
interface Asked {
  first: Priced
  others: Priced[]
  /** As it is kept: with the defaults of the one model, or for each of several to fill in. */
  input: Record<string, unknown>
}

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
    private readonly health: ProviderHealth,
    private readonly priceCandidates: PriceCandidates
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
    const asked = await this.#asked(request, now)
    if ('problem' in asked) return { outcome: 'invalid', problem: asked.problem }
    const promise = await this.#promise(request, asked, now)
    if (!promise.ok) return { outcome: 'invalid', problem: promise.problem }
    const credits = promise.ceiling
    if (request.maxCredits && credits.micro > request.maxCredits.micro) {
      const limit = request.maxCredits
      const refusal = { type: 'max_credits_exceeded' as const, needed: credits, limit }
      return this.#refuse(request, asked.first, refusal)
    }
    return this.#start(request, asked, { ...promise, now })
  }

  async #asked(request: GenerationRequest, now: Date): Promise<Asked | { problem: InputProblem }> {
    const { fallbacks, actor: createdBy } = request
    if (fallbacks) {
      const models = [request.model, ...fallbacks]
      const found = await this.priceCandidates.handle({ ...request, models, createdBy }, now)
      if (!found.ok) return found
      const [first, ...others] = found.candidates
      return { first, others, input: others.length > 0 ? found.input : first.input }
    }
    const priced = await this.priceInput.handle({ ...request, createdBy })
    if (!priced.ok) return priced
    const problem = providerAway(this.health, priced.model, now)
    return problem ? { problem } : { first: priced, others: [], input: priced.input }
  }

  async #callbackProblem(url: string | undefined): Promise<InputProblem | null> {
    const refusal = url === undefined ? null : await this.callbacks.check(url)
    return refusal && { code: refusal.type, param: '/webhook_url', message: refusal.message }
  }

  /** What is promised: a quote's ceiling and versions, or those of this moment. */
  async #promise(
    request: GenerationRequest,
    { first, others }: Asked,
    now: Date
  ): Promise<QuotePromise> {
    const { model, price, pin } = first
    const { accountId, quoteId } = request
    if (quoteId) {
      if (request.fallbacks) return { ok: false, problem: ONE_MODEL }
      return this.checkQuote.handle({ accountId, quoteId, priced: first, now })
    }
    let ceiling = price.credits
    const candidates = { [model.name]: pin }
    for (const other of others) {
      if (other.price.credits.micro > ceiling.micro) ceiling = other.price.credits
      candidates[other.model.name] = other.pin
    }
    return { ok: true, ceiling, pins: { candidates } }
  }

  async #start(
    request: GenerationRequest,
    { first: priced, others, input }: Asked,
    { ceiling, pins, now }: { ceiling: Credits; pins: PricePins; now: Date }
  ): Promise<StartOutcome> {
    const { model } = priced
    const requested = requestedOutputs(model, priced.input)
    const fallbacks = others.length > 0 ? others.map(fallbackOf) : undefined
    const suffix = (request.id ?? newId('gen')).slice(4)
    const generation: Omit<StartedGeneration, 'createdAt' | 'waiting'> = {
      id: `gen_${suffix}`,
      jobId: `job_${suffix}`,
      input,
      requested,
      hold: ceiling,
      deadline: request.deadline ?? deadlineOf([priced, ...others], now),
      model: model.name,
      provider: model.provider,
      kind: model.kind,
      models: fallbacks ? [model.name, ...fallbacks.map((one) => one.model)] : null,
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
      measures: most(priced, others),
      fallbacks,
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

const ONE_MODEL: InputProblem = {
  code: 'invalid_parameter',
  param: '/quote_id',
  message: 'A quote is for one model. Name that one as "model", or leave the quote out.',
}

function measuresOf({ model, input, price }: Priced) {
  const { seconds } = price.quantities
  const requested = requestedOutputs(model, input)
  return { images: BigInt(requested), seconds: BigInt(Math.ceil(seconds)) }
}

/** Counted for whoever asks as if the model with the most did the work. */
function most(first: Priced, others: Priced[]): Record<string, bigint> {
  const measures = measuresOf(first)
  for (const other of others) {
    const { seconds } = measuresOf(other)
    if (seconds > measures.seconds) measures.seconds = seconds
  }
  return measures
}

function fallbackOf(priced: Priced): Fallback {
  const { name, provider, execution } = priced.model
  return { model: name, provider, tries: execution.maxAttempts, measures: measuresOf(priced) }
}

/** Each has its own time. */
function deadlineOf(all: Priced[], now: Date): Date {
  const needed = all.reduce((sum, { model }) => sum + model.execution.deadlineMs, 0)
  return new Date(now.getTime() + Math.min(needed, LONGEST_MS))
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
