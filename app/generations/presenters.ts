import type { RecordedRefusal } from '#core/quota/refusal_log'
import { appUrl } from '#config/app'
import { signedUrl } from '#app/assets/signed_url'
import type { StartedGeneration } from '#app/generations/actions/start_generation'
import type { GenerationView } from '#app/generations/queries/generation_query'
import type { Quote } from '#app/generations/queries/quote_query'
import type { Receipt } from '#app/generations/queries/receipt_query'
import { problemOf } from '#app/exceptions/refusal_problem'
import type { Caller } from '#app/identity/caller'
import { streamToken } from '#app/generations/stream_token'

interface Told {
  /** How long the signed URLs of its files live, where not as long as usual. */
  urlLifetimeMs?: number
  /** The key that is told, which its link to the events rests on. */
  keyId?: string | null
}

/** A generation as the API tells it. Amounts are decimal strings of credits. */
export function presentGeneration(view: GenerationView, { urlLifetimeMs, keyId }: Told = {}) {
  return {
    id: view.id,
    object: 'generation',
    status: view.status,
    model: view.model,
    models: view.models,
    provider: view.provider,
    kind: view.kind,
    input: view.input,
    metadata: view.metadata,
    end_user: view.endUser,
    requested: view.requested,
    delivered: view.delivered,
    progress: view.progress,
    cancel_requested: view.cancelRequested,
    waiting: view.waiting && {
      rule: view.waiting.rule,
      scope: view.waiting.scope,
      scope_id: view.waiting.scopeId,
      measure: view.waiting.measure,
      window: view.waiting.window,
      until: view.waiting.until,
    },
    error: view.error && { code: view.error.class, message: view.error.message },
    cost: {
      held: view.charged ? '0' : view.hold.toString(),
      charged: view.charged?.toString() ?? null,
    },
    outputs: view.outputs.map((output) => presentOutput(view.accountId, output, urlLifetimeMs)),
    created_at: view.createdAt,
    started_at: view.startedAt,
    finished_at: view.finishedAt,
    deadline: view.deadline,
    deleted_at: view.deletedAt,
    links: linksOf(view, keyId),
  }
}

/** The same, of one that was just accepted, from what is known without asking the database. */
export function presentStarted(
  { orgId: accountId, keyId }: Pick<Caller, 'orgId' | 'keyId'>,
  generation: StartedGeneration,
  request: { endUser?: string | null; metadata?: Record<string, string> }
) {
  const view = {
    ...generation,
    accountId,
    status: 'queued' as const,
    metadata: request.metadata ?? {},
    batchId: null,
    endUser: request.endUser ?? null,
    delivered: null,
    progress: 0,
    attempt: 0,
    error: null,
    charged: null,
    cancelRequested: false,
    waiting: generation.waiting ?? null,
    outputs: [],
    startedAt: null,
    finishedAt: null,
    deletedAt: null,
  }
  return presentGeneration(view, { keyId })
}

/** A refusal with the error that its caller got. */
export function presentRefusal(record: RecordedRefusal) {
  const { problem } = problemOf(record.refusal)
  return {
    id: record.id,
    object: 'refusal',
    status: problem.status,
    error: {
      type: problem.type,
      code: problem.code,
      message: problem.message,
      retryable: problem.retryable ?? false,
      ...problem.facts,
    },
    model: record.model,
    kind: record.kind,
    key: record.keyId,
    member: record.userId,
    end_user: record.endUser,
    alternative: record.alternative,
    observed: record.observed ?? false,
    times: record.times,
    first_at: record.firstAt,
    last_at: record.lastAt,
    trace_id: record.traceId,
  }
}

export function presentQuote(quote: Quote) {
  return {
    id: quote.id,
    object: 'quote',
    status: quote.expiresAt > new Date() ? 'open' : 'expired',
    model: quote.model,
    input_digest: quote.inputDigest,
    ceiling: quote.ceiling,
    derivation: quote.derivation,
    created_at: quote.createdAt,
    expires_at: quote.expiresAt,
    links: { self: `${appUrl}/v1/quotes/${quote.id}` },
  }
}

export function presentReceipt(receipt: Receipt) {
  return {
    object: 'receipt',
    generation: receipt.generation.id,
    status: receipt.generation.status,
    model: receipt.generation.model,
    requested: receipt.generation.requested,
    delivered: receipt.generation.delivered,
    quote: receipt.quote,
    priced_with: receipt.pricedWith && {
      vendor_price: receipt.pricedWith.price,
      book: receipt.pricedWith.book,
      rounding: receipt.pricedWith.rounding,
    },
    hold: {
      amount: receipt.hold.amount,
      state: receipt.hold.state,
      // In the order they were drawn: by priority, then by what expires first.
      drawn: receipt.hold.drawn.map(({ grantId, kind, priority, expiresAt, amount }) => ({
        grant: grantId,
        kind,
        priority,
        expires_at: expiresAt,
        amount,
      })),
    },
    charged: receipt.charged,
    returned: receipt.returned,
    refunded: receipt.refunded,
    attempts: receipt.attempts.map((attempt) => ({
      attempt: attempt.attempt,
      provider: attempt.provider,
      model: attempt.model,
      status: attempt.status,
      error: attempt.errorClass,
      units: attempt.units,
      price: attempt.price,
      duration_ms: attempt.durationMs,
      provider_request_id: attempt.providerRequestId,
      created_at: attempt.at,
    })),
    entries: receipt.entries.map((entry) => ({
      seq: entry.seq.toString(),
      kind: entry.kind,
      amount: entry.amount,
      balance_after: entry.balanceAfter,
      grant: entry.grantId,
      reason: entry.reason,
      created_at: entry.createdAt,
    })),
    losses: receipt.losses.map(({ kind, attempt, price, assumed }) => ({
      kind,
      attempt,
      price,
      assumed,
    })),
  }
}

function presentOutput(
  accountId: string,
  output: GenerationView['outputs'][number],
  urlLifetimeMs?: number
) {
  const { url, expiresAt } = signedUrl({ accountId, ...output }, new Date(), urlLifetimeMs)
  return {
    asset: output.assetId,
    content_type: output.contentType,
    bytes: output.bytes,
    width: output.width,
    height: output.height,
    duration_ms: output.durationMs,
    url,
    url_expires_at: expiresAt,
  }
}

function linksOf({ accountId, id }: GenerationView, keyId?: string | null) {
  const self = `${appUrl}/v1/generations/${id}`
  return {
    self,
    events: `${self}/events?token=${streamToken(accountId, id, keyId)}`,
    receipt: `${self}/receipt`,
    cancel: `${self}/cancel`,
  }
}
