import type { LimitMeasure, LimitScope, LimitWindow } from './limit_rule.js'

/** The limit that a generation waits for, which was accepted and holds its credits. */
export interface Waiting {
  rule: string
  scope: LimitScope
  scopeId: string
  measure: LimitMeasure
  window: LimitWindow
  /** When there may be room; `null` where it is when something ends. */
  until: Date | null
}

/** A limit by the name of its gate: `measure:window:scope:id`. */
export function waitingAt(gate: string, until: Date | null): Waiting {
  const [measure, window, scope, ...id] = gate.split(':') as [
    LimitMeasure,
    LimitWindow,
    LimitScope,
    ...string[],
  ]
  return {
    rule: `${scope}_${measure}_per_${window}`,
    scope,
    scopeId: id.join(':'),
    measure,
    window,
    until,
  }
}
