import limits from '#config/queue'
import type { ClaimLimits } from '#core/queue/claim_limits'
import { isResting, type ProviderHealth } from '#core/plugins/provider_health'
import type { ProviderPace } from '#core/plugins/provider_pace'
import type { RegisteredPlugin } from '#core/plugins/registry'
import type { JobHandler } from '#core/queue/job_handler'

/** What is known of providers at the moment of a claim. */
export interface ProviderRoom {
  /** How many jobs each takes at once, where it has said so. */
  concurrency(): Record<string, number>
  /** Those that would not take a job now: broken, or full by their own word. */
  unavailable(): string[]
  /** Those that are to show with one job that they work again. */
  tried(): string[]
}

const UNKNOWN: ProviderRoom = { concurrency: () => ({}), unavailable: () => [], tried: () => [] }

/** By what plugins declare, and by what came of their calls. */
export function makeProviderRoom(
  plugins: RegisteredPlugin[],
  health: ProviderHealth,
  pace: ProviderPace
): ProviderRoom {
  // A claim that has limits to keep to counts what runs: not for plugins that nobody can use.
  const usable = plugins.filter(({ state }) => state !== 'unconfigured')
  const declared = Object.fromEntries(
    usable.flatMap(({ id, limits: { concurrency } }) => (concurrency ? [[id, concurrency]] : []))
  )
  const circuits = (resting: boolean) =>
    health
      .open()
      .filter((circuit) => isResting(circuit) === resting)
      .map(({ provider }) => provider)
  return {
    concurrency: () => declared,
    unavailable: () => [...circuits(true), ...pace.full()],
    tried: () => circuits(false),
  }
}

/** What a claim has to keep to, by the configuration, the handlers and the providers. Asked for anew with each. */
export function makeClaimLimits(handlers: JobHandler[], providers = UNKNOWN): () => ClaimLimits {
  const declared = (what: 'concurrency' | 'concurrencyPerAccount') =>
    Object.fromEntries(
      handlers.flatMap((handler) => (handler[what] ? [[handler.kind, handler[what]]] : []))
    )
  const kinds = { ...declared('concurrency'), ...limits.kinds }
  const accounts = { ...declared('concurrencyPerAccount'), ...limits.accounts }
  return () => {
    const rooms: Record<string, number> = { ...providers.concurrency(), ...limits.providers }
    for (const provider of providers.tried()) rooms[provider] = Math.min(1, rooms[provider] ?? 1)
    return { kinds, accounts, providers: rooms, unavailable: providers.unavailable() }
  }
}
