import { Credits } from '#core/ledger/credits'
import { boundsText, type OwnRule } from '#core/quota/limit_rule'

const WHOLE = /^\d{1,30}$/

/** Reads the form of a limit. Whether the rule makes sense is the rule's own to say. */
export function readLimitForm(
  body: Record<string, unknown>
): { ok: true; rule: OwnRule } | { ok: false; problem: { field: string; message: string } } {
  const text = (name: string) => String(body[name] ?? '').trim()
  const measure = text('measure')
  const limit = readLimit(measure, text('limit'))
  if (typeof limit === 'string') return { ok: false, problem: { field: 'limit', message: limit } }
  const rule = {
    scope: text('scope'),
    scopeId: text('scopeId') || '*',
    measure,
    window: text('window'),
    limit,
    onExceed: text('onExceed') || 'refuse',
  }
  return { ok: true, rule: rule as OwnRule }
}

/** Credits as a decimal, everything else in whole units; or what is wrong with it. */
export function readLimit(measure: string, text: string): bigint | string {
  if (measure !== 'credits') {
    return WHOLE.test(text) ? BigInt(text) : `Write a whole number. ${boundsText(measure)}`
  }
  try {
    return Credits.parse(text).micro
  } catch (error) {
    return (error as Error).message
  }
}
