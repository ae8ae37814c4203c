import { isRefused, type ProviderHealth } from '#core/plugins/provider_health'
import type { RegisteredModel } from '#core/plugins/registry'
import type { InputProblem } from './price_input.js'

/** Whether the provider is left alone for so long, or for such a reason, that work is not let wait for it. */
export function providerAway(
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
