import type { Classified } from './model_provider.js'
import {
  VendorHostRefused,
  VendorUnreachable,
  type VendorHttp,
  type VendorRequest,
} from './vendor_http.js'
import type { ErrorClass } from '../queue/types.js'

/**
 * How far a call had got: what broke means something else at each. `prepare` is what comes before
 * a submit and is billed by nobody, an upload of a reference say.
 */
export type VendorStep = 'prepare' | 'submit' | 'poll' | 'cancel'

/** A refusal, with all that there is to read why. Its message says none of the vendor's words. */
export class VendorRefusal extends Error {
  readonly code = 'E_VENDOR_REFUSED'
  readonly step: VendorStep
  readonly status: number
  /** By lower-case name. */
  readonly headers: Record<string, string>

  constructor(facts: {
    vendor: string
    step: VendorStep
    status: number
    headers?: Record<string, string>
    body: unknown
  }) {
    super(`${facts.vendor} answered with status ${facts.status}.`)
    this.step = facts.step
    this.status = facts.status
    this.headers = facts.headers ?? {}
    // Its words may repeat a prompt, so that no log of the error shows them by itself.
    Object.defineProperty(this, 'body', { value: facts.body, enumerable: false })
  }

  /** JSON where it is any, else text. */
  declare readonly body: unknown
}

/** No answer that can be read: a fault of `VendorHttp`, and where it happened. */
export class VendorBroke extends Error {
  readonly code = 'E_VENDOR_BROKE'

  constructor(
    readonly step: VendorStep,
    readonly cause: Error
  ) {
    super(cause.message)
  }
}

/** A whole answer below 400. */
export interface VendorAnswer {
  body: unknown
  bytes: Uint8Array
  headers: Record<string, string>
  status: number
}

/** Calls a vendor step by step, so that whatever goes wrong is thrown with the step it went wrong at. */
export class VendorSteps {
  constructor(
    private readonly http: VendorHttp,
    private readonly vendor: string
  ) {}

  /** The answer and its JSON. Throws `VendorRefusal`, `VendorBroke`, and an `AbortError` when stopped. */
  async json(step: VendorStep, request: VendorRequest): Promise<VendorAnswer> {
    return this.#step(step, request, (answer) => answer.json())
  }

  /** The same of an answer that is a file. */
  async bytes(step: VendorStep, request: VendorRequest): Promise<VendorAnswer> {
    return this.#step(step, request, () => null)
  }

  async #step(
    step: VendorStep,
    request: VendorRequest,
    read: (answer: { json(): unknown }) => unknown
  ): Promise<VendorAnswer> {
    try {
      request.signal.throwIfAborted()
      const answer = await this.http.send(request)
      const { status, headers, bytes } = answer
      if (status >= 300) {
        const { vendor } = this
        throw new VendorRefusal({ vendor, step, status, headers, body: readable(answer) })
      }
      return { status, headers, bytes, body: read(answer) }
    } catch (error) {
      if (request.signal.aborted) throw new DOMException('The work was stopped.', 'AbortError')
      if (error instanceof VendorRefusal || !isOfHttp(error)) throw error
      throw new VendorBroke(step, error)
    }
  }
}

/**
 * What a thrown value means by its step and its status alone. A plugin asks this once it has found
 * nothing that it knows in the vendor's own words.
 */
export function classifyPlainly(raw: unknown, vendor: string): Classified {
  if (raw instanceof Error && raw.name === 'AbortError') {
    return { class: 'canceled', message: 'The work was stopped.' }
  }
  if (raw instanceof VendorBroke) {
    const errorClass = classOfBreak(raw)
    return { class: errorClass, message: says(vendor, errorClass), providerCode: codeOf(raw.cause) }
  }
  if (raw instanceof VendorRefusal) {
    const isUnderWay = raw.step === 'poll' || raw.step === 'cancel'
    const errorClass = isUnderWay ? ofPoll(raw.status) : ofStatus(raw.status, raw.step)
    return said(raw, vendor, errorClass)
  }
  return { class: 'internal', message: `The plugin of ${vendor} broke.` }
}

/** A refusal whose class is known, in words that hold none of the vendor's. */
export function said(
  { status, headers }: Pick<VendorRefusal, 'status' | 'headers'>,
  vendor: string,
  errorClass: ErrorClass,
  providerCode?: string
): Classified {
  const wait = retryAfterMs(headers)
  return {
    class: errorClass,
    message: says(vendor, errorClass),
    providerCode: providerCode ?? `http_${status}`,
    ...(wait !== undefined && { retryAfterMs: wait }),
  }
}

/** How long a vendor asks to wait by its headers: `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfterMs(headers: Record<string, string>): number | undefined {
  const exact = Number(headers['retry-after-ms'] || Number.NaN)
  if (exact >= 0) return Math.ceil(exact)
  const text = headers['retry-after']
  if (!text) return undefined
  const seconds = Number(text)
  if (seconds >= 0) return Math.ceil(seconds * 1000)
  // By the vendor's own clock, which may not be ours.
  const wait = Date.parse(text) - Date.parse(headers.date ?? new Date().toUTCString())
  return Number.isNaN(wait) ? undefined : Math.max(0, wait)
}

/** What is at that place in an answer that may be of any shape: `at(body, 'data', 0, 'url')`. */
export function at(value: unknown, ...steps: (string | number)[]): unknown {
  let found = value
  for (const step of steps) {
    if (found === null || typeof found !== 'object') return undefined
    found = (found as Record<string | number, unknown>)[step]
  }
  return found
}

export function textAt(value: unknown, ...steps: (string | number)[]): string | undefined {
  const found = at(value, ...steps)
  return typeof found === 'string' ? found : undefined
}

/** A number that can be a measure: finite, and not below zero. */
export function measureAt(value: unknown, ...steps: (string | number)[]): number | undefined {
  const found = at(value, ...steps)
  return typeof found === 'number' && Number.isFinite(found) && found >= 0 ? found : undefined
}

const SENTENCES: Partial<Record<ErrorClass, (vendor: string) => string>> = {
  invalid_input: (vendor) => `${vendor} does not take this input. Nothing was charged.`,
  blocked_input: (vendor) =>
    `${vendor} refused the request by its content rules. Nothing was charged.`,
  blocked_output: (vendor) => `${vendor} withheld the result by its content rules.`,
  rate_limited: (vendor) => `${vendor} asks to wait.`,
  concurrency_full: (vendor) => `All places at ${vendor} are taken.`,
  quota_daily: (vendor) => `${vendor} does no more today. Nothing was charged.`,
  // Whose balance it is must not be mistaken.
  provider_balance: (vendor) =>
    `${vendor} is not available here at the moment: the operator has to see to it. Nothing was charged.`,
  provider_auth: (vendor) =>
    `${vendor} is not available here at the moment: the operator has to see to it. Nothing was charged.`,
  model_retired: (vendor) => `${vendor} no longer offers this model. Nothing was charged.`,
  transient_before_accept: (vendor) => `${vendor} could not take the work. Nothing was charged.`,
  transient_on_poll: (vendor) => `${vendor} could not say how the work is.`,
  outcome_unknown: (vendor) =>
    `It is not known what became of the work at ${vendor}. Nothing was charged.`,
  provider_failed: (vendor) => `${vendor} failed at it.`,
  no_output: (vendor) => `${vendor} delivered nothing.`,
  asset_lost: (vendor) => `What ${vendor} made was lost. Nothing was charged.`,
  canceled: () => 'The work was stopped.',
}

function says(vendor: string, errorClass: ErrorClass): string {
  return SENTENCES[errorClass]?.(vendor) ?? `The plugin of ${vendor} broke.`
}

function classOfBreak({ step, cause }: VendorBroke): ErrorClass {
  if (cause instanceof VendorHostRefused) return step === 'poll' ? 'provider_failed' : 'internal'
  if (step === 'poll' || step === 'cancel') return 'transient_on_poll'
  const isHeard = !(cause instanceof VendorUnreachable && !cause.sent)
  return step === 'submit' && isHeard ? 'outcome_unknown' : 'transient_before_accept'
}

function ofStatus(status: number, step: VendorStep): ErrorClass {
  // It took the work, and what it said of it cannot be used: asked again, it may be billed twice.
  if (status < 300 && step === 'submit') return 'outcome_unknown'
  if (status === 401 || status === 403) return 'provider_auth'
  if (status === 402) return 'provider_balance'
  if (status === 404 || status === 410) return 'model_retired'
  if (status === 408 || status === 409 || status === 425) return 'transient_before_accept'
  if (status === 429) return 'rate_limited'
  // What is behind the gateway goes on, and may be billed.
  if (status === 504) return 'outcome_unknown'
  if (status >= 500) return 'transient_before_accept'
  return status >= 400 ? 'invalid_input' : 'internal'
}

/** The work is under way: whatever can pass is waited for, a key that is being changed too. */
function ofPoll(status: number): ErrorClass {
  const passes = [401, 403, 408, 409, 425, 429].includes(status) || status >= 500
  return passes ? 'transient_on_poll' : 'provider_failed'
}

function readable(answer: { text(): string }): unknown {
  const text = answer.text()
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function isOfHttp(error: unknown): error is Error {
  return String((error as { code?: string } | null)?.code).startsWith('E_VENDOR_')
}

function codeOf(cause: Error): string | undefined {
  return cause instanceof VendorUnreachable ? cause.reason : (cause as { code?: string }).code
}
