import limits from '#config/queue'
import type { ClaimLimits } from '#core/queue/claim_limits'
import type { JobHandler } from '#core/queue/job_handler'

/** What is known of providers at the moment of a claim. */
export interface ProviderRoom {
  /** How many jobs each takes at once, where it has said so. */
  concurrency(): Record<string, number>
  /** Those that would not take a job now: broken, or full by their own word. */
  unavailable(): string[]
}

const UNKNOWN: ProviderRoom = { concurrency: () => ({}), unavailable: () => [] }

/** What a claim has to keep to, by the configuration, the handlers and the providers. Asked for anew with each. */
export function makeClaimLimits(handlers: JobHandler[], providers = UNKNOWN): () => ClaimLimits {
  const declared = (what: 'concurrency' | 'concurrencyPerAccount') =>
    Object.fromEntries(
      handlers.flatMap((handler) => (handler[what] ? [[handler.kind, handler[what]]] : []))
    )
  const kinds = { ...declared('concurrency'), ...limits.kinds }
  const accounts = { ...declared('concurrencyPerAccount'), ...limits.accounts }
  return () => ({
    kinds,
    accounts,
    providers: { ...providers.concurrency(), ...limits.providers },
    unavailable: providers.unavailable(),
  })
}
