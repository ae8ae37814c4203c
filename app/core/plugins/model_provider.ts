import type { ReportedCost, TokenKind } from '../prices/price_rule.js'
import type { ErrorClass } from '../queue/types.js'

/** A reference the caller gave, already fetched, checked and stored. */
export interface ReferenceFile {
  contentType: string
  width: number
  height: number
  bytes(): Promise<Uint8Array>
  /**
   * Where a vendor can fetch it that takes no bytes: an https URL, signed for as long as a job may
   * wait. It reaches only vendors that can reach this platform.
   */
  url(): string
}

/** What a provider gets with each call, and all it gets. */
export interface ProviderCall<Input = Record<string, unknown>> {
  /** The model's own name without the provider: `esrgan-2x`. */
  model: string
  /** Valid against the model's parameter schema, defaults filled in. */
  input: Input
  /** The files, by where the input names them: read them with `filesOf`. */
  references: Record<string, ReferenceFile>
  /** Stable over retries: an idempotency key for vendors that take one. */
  jobId: string
  /** From 1. */
  attempt: number
  /** Aborts on cancel, lost lease and shutdown. */
  signal: AbortSignal
  /** Where the vendor may tell that the work is done; `null` where it cannot reach this platform. */
  callbackUrl: string | null
  /** Tells whoever watches how far the work is (0–1). Cheap to call often: the kernel thins it out. */
  progress(fraction: number, detail?: Record<string, unknown>): void
}

/** A file as the vendor handed it over. */
export interface OutputFile {
  bytes: Uint8Array
  contentType: string
  /** Of a video. */
  durationMs?: number
}

/** Where the vendor keeps it, for as long as the model's `output.ttlSeconds` says. The kernel fetches it. */
export interface OutputLink {
  url: string
  /** With our authentication, as `output.transport` `authed_url` says. */
  authed?: true
  /** Of a video. */
  durationMs?: number
}

export type ProviderOutput = OutputFile | OutputLink

export type ProviderAnswer =
  /**
   * `raw` is the vendor's own answer, without its files and their links: rows and logs keep it, and
   * `usage` reads the measures from it. Fewer outputs than were asked for are a partial delivery.
   */
  | { status: 'done'; outputs: ProviderOutput[]; raw: unknown }
  /** Accepted. `handle` is plain JSON that is enough to poll from another process. */
  | { status: 'pending'; handle: Record<string, unknown>; pollAfterMs: number }

/**
 * What was consumed, measured after the work. One record for every kind of model. A measure
 * that is left out is taken as it was asked for, of the outputs that came.
 */
export interface Usage {
  outputs: number
  /** Of all outputs together. */
  pixelsOut?: number
  /** Of all references together. */
  pixelsIn?: number
  /** Of all outputs together. */
  seconds?: number
  characters?: number
  /** By kind. All of them, where there is one: a kind that is left out took none. */
  tokens?: Partial<Record<TokenKind, number>>
  /** The vendor's own figure, for a price rule that is `reported`. */
  reportedCost?: ReportedCost
  providerRequestId?: string
}

export interface Classified {
  class: ErrorClass
  /** For people; no secret, no prompt. */
  message: string
  providerCode?: string
  /** How long the vendor asks to wait. */
  retryAfterMs?: number
  /** What the vendor says that it bills nonetheless. */
  usage?: Usage
}

/** What came to the address that a job gave its vendor. */
export interface VendorCallback {
  /** By lower-case name. */
  headers: Record<string, string>
  query: Record<string, string>
  /** As it came: a signature is made of these bytes. */
  body: Uint8Array
}

/**
 * What a callback is worth. It never says how the work ended: that is asked with the handle.
 * `news`: its signature is right, or there are none (`execution.callback` says which), and it is
 * time to poll. `forged`: not from the vendor, altered, or too old. `challenge`: the vendor wants to
 * hear `answer`, and nothing has happened.
 */
export type CallbackReading =
  { is: 'news' } | { is: 'forged' } | { is: 'challenge'; answer: Record<string, unknown> }

/**
 * One vendor, seen by the kernel. A provider turns our input into the vendor's call
 * and the vendor's answer into ours; it decides nothing about money, retries or files.
 *
 * `poll`, `cancel`, `lookup` and `parseWebhook` are called only where a model's manifest declares them.
 */
export abstract class ModelProvider {
  /** Starts the work. Throws whatever the vendor answered when it refused; `classify` reads it. */
  abstract submit(call: ProviderCall): Promise<ProviderAnswer>

  /** What a thrown value means. Must answer for anything, `internal` when it does not know it. */
  abstract classify(raw: unknown): Classified

  /** Reads the measures from the raw answer of a finished work. */
  abstract usage(raw: unknown): Usage

  /** Asks how a submitted work is, by its handle. Safe to repeat, from any process. */
  poll(_call: ProviderCall, _handle: Record<string, unknown>): Promise<ProviderAnswer> {
    throw new Error('This provider declares no polling. Set execution.poll in its manifest.')
  }

  /**
   * Finds work that may have been submitted, by the job's id; `null` when the vendor has never heard
   * of it. Called only where a manifest says `execution.resubmit: 'lookup'`.
   */
  lookup(_call: ProviderCall): Promise<ProviderAnswer | null> {
    throw new Error('This provider declares no lookup. Set execution.resubmit in its manifest.')
  }

  /**
   * Reads a callback. Signatures are compared in constant time, and where the vendor dates them, one
   * of more than five minutes ago is forged. Called only where a manifest says `execution.callback`.
   */
  parseWebhook(_callback: VendorCallback): CallbackReading {
    throw new Error('This provider declares no callback. Set execution.callback in its manifest.')
  }

  /** Asks the vendor to stop. What it bills nonetheless, the model declares in `billedOn.cancel`. */
  cancel(_call: ProviderCall, _handle: Record<string, unknown>): Promise<void> {
    throw new Error('This provider declares no cancel. Set capabilities.cancel in its manifest.')
  }

  /** Releases what the provider holds (threads, sockets) when the process goes away. */
  async close(): Promise<void> {}
}
