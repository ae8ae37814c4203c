import type { ModelProvider, ProviderCall } from '#core/plugins/model_provider'
import type { RegisteredModel } from '#core/plugins/registry'
import type { AttemptUsage } from '#core/queue/job_queue'
import type { ClaimedJob, Lease } from '#core/queue/types'
import type { ProgressReport } from '#app/generations/progress_report'
import type { GenerationToRun } from '#app/generations/queries/generation_to_run_query'

/** A claimed job of a generation, and the right to end it. */
export interface ClaimedGeneration {
  job: ClaimedJob
  lease: Lease
  generation: GenerationToRun
  /** Aborted when the worker has to let go of it. */
  signal: AbortSignal
  /** Of `performance.now()`. */
  startedAt: number
}

/** One try of it at its provider. */
export interface Attempt extends ClaimedGeneration {
  model: RegisteredModel
  provider: ModelProvider
  call: ProviderCall
  progress: ProgressReport
  /** The provider was given the work, by this attempt or one that it goes on with. */
  submitted: boolean
  /** The provider may have work of an attempt before, which it has said nothing of yet. */
  inDoubt: boolean
  /** What the job keeps to ask the vendor with, as it stands now. */
  handle: Record<string, unknown> | null
}

/** Another worker has the job now; whatever this one would write is void. */
export class LeaseLost extends Error {}

/** The usage event of an attempt; what was measured comes on top. */
export function usageOf(
  { generation, startedAt }: ClaimedGeneration,
  outcome: Pick<AttemptUsage, 'status'> & Partial<AttemptUsage>
): AttemptUsage {
  return {
    provider: generation.provider,
    model: generation.model,
    kind: generation.kind,
    units: {},
    vendorCostMicroUsd: 0n,
    durationMs: performance.now() - startedAt,
    ...outcome,
  }
}
