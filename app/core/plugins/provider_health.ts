import type { Actor } from '../ledger/types.js'
import type { ErrorClass } from '../queue/types.js'

/**
 * Why a provider is left alone. `provider_balance` and `provider_auth` are for the operator to mend,
 * and nobody else's business; `failures`: most of what it was asked of late came to nothing.
 */
export type CircuitCause = 'provider_balance' | 'provider_auth' | 'failures'

/** A provider that is asked for nothing until `retryAt`; then one job at a time finds out. */
export interface Circuit {
  provider: string
  cause: CircuitCause
  /** For operators. */
  message: string
  since: Date
  retryAt: Date
  /** How often it was tried and failed again, the first time included. */
  openings: number
}

/**
 * Which providers do not work now, over all processes. What is asked is answered from memory; what
 * another process has found is known some seconds later at most.
 *
 * A job that its provider cannot do now waits, as far as its deadline lets it.
 */
export abstract class ProviderHealth {
  /** The circuit of a provider while it is open, from memory. `null`: it works, as far as we know. */
  abstract of(provider: string): Circuit | null

  /** All that are open. */
  abstract open(): Circuit[]

  /** It answered, whatever it said: what was open for a try is closed. Costs nothing. */
  abstract answered(provider: string): void

  /** An attempt came to nothing. Costs nothing until it opens the circuit. */
  abstract failed(provider: string, failure: { class: ErrorClass; message: string }): void

  /** Asks it again as if nothing had been. `false` where it was not open. */
  abstract close(provider: string, actor: Actor): Promise<boolean>
}

/** Whether it is left alone; else one job at a time may find out. */
export function isResting({ retryAt }: Circuit, now = Date.now()): boolean {
  return retryAt.getTime() > now
}

/** Longer than this nobody is let wait for it. */
const LONGEST_WAIT_MS = 30_000

/** Whether work for it is refused instead of accepted to wait: it takes long, or somebody's hand. */
export function isRefused(circuit: Circuit, now = Date.now()): boolean {
  const left = circuit.retryAt.getTime() - now
  return left > (circuit.cause === 'failures' ? LONGEST_WAIT_MS : 0)
}
