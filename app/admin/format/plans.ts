import { Credits } from '#core/ledger/credits'
import type { Plan } from '#core/plans/plan'
import { creditsText } from '#app/admin/format/amounts'

/** `500.00 credits a month, up to 250.00 carried over`. */
export function planText({ credits, period, rollover }: Plan): string {
  return `${creditsText(credits)} credits a ${period}, ${rolloverText(rollover)}`
}

function rolloverText(rollover: Plan['rollover']): string {
  if (rollover instanceof Credits) return `up to ${creditsText(rollover)} carried over`
  return rollover === 'all' ? 'all carried over' : 'nothing carried over'
}
