import { isResting, type Circuit, type CircuitCause } from '#core/plugins/provider_health'

const MENDS: Record<CircuitCause, string> = {
  provider_balance: 'Its vendor wants to be paid: top up the account there.',
  provider_auth: 'Its vendor does not take our key: set a new one and start again.',
  failures: 'It is tried again by itself.',
}

/** What an operator can do about it. */
export function circuitMend(cause: CircuitCause): string {
  return MENDS[cause]
}

/** How a provider is, as the console shows it; `null` while it works. */
export function circuitRow(circuit: Circuit | null) {
  if (!circuit) return null
  const resting = isResting(circuit)
  return {
    ...circuit,
    mend: circuitMend(circuit.cause),
    tone: resting ? 'failed' : 'queued',
    title: resting ? 'unavailable' : 'being tried',
    resting,
  }
}
