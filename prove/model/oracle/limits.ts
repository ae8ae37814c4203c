import { DateTime } from 'luxon'
import type { LimitMeasure, LimitScope, LimitWindow, OnExceed } from '#core/quota/limit_rule'
import { windowOf, type Micros, type Window } from '../windows.js'
import { compare, least, type Gate, type Pin } from './facts.js'

export interface Rule {
  scope: LimitScope
  /** `*` for all of the scope. */
  id: string
  measure: LimitMeasure
  window: LimitWindow
  max: bigint
  /** What happens beyond it: `refuse` where nothing is said. */
  beyond?: OnExceed
}

/** What a call is about, and what it needs of each measure. */
export interface Counted {
  subject: Partial<Record<LimitScope, string | null>>
  needs: Partial<Record<LimitMeasure, bigint>>
  /** The defaults, which an account's own rules replace. */
  limits: Omit<Rule, 'id'>[]
}

export interface CounterName {
  scope: LimitScope
  scopeId: string
  measure: LimitMeasure
  size: LimitWindow
}

export interface Counter extends CounterName {
  window: Window
  max: bigint
  held: bigint
  used: bigint
  /** What was accepted and waits for room. */
  waiting: bigint
}

export interface CounterState {
  counter: CounterName
  window: Window
  max: bigint
  needed: bigint
  held: bigint
  used: bigint
  waiting: bigint
  beyond: OnExceed
}

/** What was measured once the work was done. */
export type Measures = Partial<Record<LimitMeasure, bigint>>

/** An account's rules, and what each has seen in its window. */
export class Limits {
  rules: Rule[] = []
  readonly counters = new Map<string, Counter>()

  /** A rule replaces the one of the same name. */
  set(rule: Rule) {
    const known = this.rules.find(
      ({ scope, id, measure, window }) =>
        scope === rule.scope && id === rule.id && measure === rule.measure && window === rule.window
    )
    if (known) Object.assign(known, rule)
    else this.rules.push(rule)
  }

  /** Every rule that counts for a call: the one for this id before the account's before the default. */
  statesFor({ subject, needs, limits }: Counted, at: Micros, zone: string): CounterState[] {
    const found = new Map<string, CounterState & { rank: number }>()
    const defaults = limits.map((rule) => ({ ...rule, id: '*', rank: 0 }))
    const own = this.rules.map((rule) => ({ ...rule, rank: rule.id === '*' ? 1 : 2 }))
    for (const rule of [...defaults, ...own]) {
      const { scope, id, measure, window: size, max, beyond = 'refuse', rank } = rule
      const scopeId = subject[scope]
      const needed = needs[measure] ?? 0n
      if (!scopeId || needed <= 0n || (id !== '*' && id !== scopeId)) continue
      const name = `${scope} ${measure} ${size}`
      if (found.has(name) && found.get(name)!.rank >= rank) continue
      const counter = { scope, scopeId, measure, size }
      const known = this.counters.get(keyOf(counter))
      const isOpen = known !== undefined && known.window.end > at
      const window = isOpen ? known.window : windowOf(size, at, zone)
      const [held, used] = isOpen ? [known.held, known.used] : [0n, 0n]
      const waiting = known?.waiting ?? 0n
      found.set(name, { counter, rank, max, needed, window, held, used, waiting, beyond })
    }
    return [...found].sort(([a], [b]) => compare(a, b)).map(([, state]) => state)
  }

  /**
   * Counts a call that passed: where it has to wait as waiting, and else at once. Answers what waits
   * for its outcome.
   */
  take(states: CounterState[], gates: CounterState[]): Pin[] {
    const pins: Pin[] = []
    for (const state of states) {
      const { counter, window, max, needed, held, used, waiting } = state
      if (gates.includes(state)) {
        const line = waiting + needed
        this.counters.set(keyOf(counter), { ...counter, window, max, held, used, waiting: line })
        continue
      }
      const counts = counter.measure === 'requests'
      this.counters.set(keyOf(counter), {
        ...counter,
        window,
        max,
        held: counts ? held : held + needed,
        used: counts ? used + needed : used,
        waiting,
      })
      if (!counts) pins.push({ key: keyOf(counter), start: window.start, amount: needed })
    }
    return pins
  }

  /**
   * Lets a call go on that waited, and counts it in the windows of now. Answers what waits for its
   * outcome, or the first gate that has no room. A rule that is gone lets everything pass.
   */
  admit(gates: Gate[], at: Micros, zone: string, limits: Counted['limits']): Pin[] | string {
    const states: CounterState[] = []
    for (const { counter, amount } of gates) {
      const { scope, scopeId, measure, size } = counter
      const asked = { subject: { [scope]: scopeId }, needs: { [measure]: amount }, limits }
      const state = this.statesFor(asked, at, zone).find((one) => one.counter.size === size)
      if (!state) continue
      if (state.held + state.used + amount > state.max) return gateOf(counter)
      states.push(state)
    }
    const pins = this.take(states, [])
    this.leave(gates)
    return pins
  }

  /** What waits there waits no more. */
  leave(gates: Gate[]) {
    for (const { counter, amount } of gates) {
      this.counters.get(keyOf(counter))!.waiting -= amount
    }
  }

  /** The outcome: of a counter whose window has gone by, nothing. */
  giveBack(pins: Pin[], charged: bigint, measures: Measures = {}) {
    for (const { key, start, amount } of pins) {
      const counter = this.counters.get(key)!
      if (counter.window.start !== start) continue
      counter.held -= amount
      if (counter.measure === 'credits') counter.used += charged
      else if (counter.measure !== 'concurrency') {
        counter.used += least(measures[counter.measure] ?? 0n, amount)
      }
    }
  }
}

const keyOf = ({ scope, scopeId, measure, size }: CounterName) =>
  `${scope} ${scopeId} ${measure} ${size}`

/** What a gate is called. */
export const gateOf = ({ scope, scopeId, measure, size }: CounterName) =>
  [measure, size, scope, scopeId].join(':')

/**
 * When what comes now may have room: after what waits already, as much in a window as fits. `null`
 * where that is when something ends.
 */
export function clearsAt(state: CounterState, zone: string): Micros | null {
  const { counter, window, waiting, needed, max } = state
  if (counter.size === 'total') return null
  const windows = Number((waiting + needed - 1n) / max)
  const end = DateTime.fromMillis(window.end / 1000, { zone })
  return end.plus({ [`${counter.size}s`]: windows }).toMillis() * 1000
}
