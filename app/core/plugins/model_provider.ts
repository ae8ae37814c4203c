import type { ReportedCost, TokenKind } from '../prices/price_rule.js'
import type { ErrorClass } from '../queue/types.js'

/** A reference the caller gave, already fetched, checked and stored. */
export interface ReferenceFile {
  contentType: string
  width: number
  height: number
  bytes(): Promise<Uint8Array>
}

/** What a provider gets with each call, and all it gets. */
export interface ProviderCall<Input = Record<string, unknown>> {
  /** The model's own name without the provider: `esrgan-2x`. */
  model: string
  /** Valid against the model's parameter schema, defaults filled in. */
  input: Input
  /** The references, by the parameter that named them. */
  references: Record<string, ReferenceFile>
  /** Stable over retries: an idempotency key for vendors that take one. */
  jobId: string
  /** From 1. */
  attempt: number
  /** Aborts on cancel, lost lease and shutdown. */
  signal: AbortSignal
  /** Tells whoever watches how far the work is (0–1). Cheap to call often: the kernel thins it out. */
  progress(fraction: number, detail?: Record<string, unknown>): void
}

export interface ProviderOutput {
  bytes: Uint8Array
  contentType: string
  /** Of a video. */
  durationMs?: number
}

export type ProviderAnswer =
  /** `raw` is the vendor's own answer; `usage` reads the measures from it. */
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

/**
 * One vendor, seen by the kernel. A provider turns our input into the vendor's call
 * and the vendor's answer into ours; it decides nothing about money, retries or files.
 *
 * `poll` and `cancel` are called only when a model's manifest declares them.
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

  /** Asks the vendor to stop. What the vendor charges nonetheless is in the answer's `billed`. */
  cancel(_call: ProviderCall, _handle: Record<string, unknown>): Promise<void> {
    throw new Error('This provider declares no cancel. Set capabilities.cancel in its manifest.')
  }

  /** Releases what the provider holds (threads, sockets) when the process goes away. */
  async close(): Promise<void> {}
}
