import type { LimitMeasure, LimitScope, LimitWindow } from '#core/quota/limit_rule'
import { windowOf, type Micros, type Window } from '../windows.js'
import { least, type Pin } from './facts.js'

export interface Rule {
  scope: LimitScope
  /** `*` for all of the scope. */
  id: string
  measure: LimitMeasure
  window: LimitWindow
  max: bigint
}

/** What a call is about, and what it needs of each measure. */
export interface Counted {
  subject: Partial<Record<LimitScope, string | null>>
  needs: Partial<Record<LimitMeasure, bigint>>
  /** The defaults, which an account's own rules replace. */
  limits: Omit<Rule, 'id'>[]
}

interface CounterName {
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
}

export interface CounterState {
  counter: CounterName
  window: Window
  max: bigint
  needed: bigint
  held: bigint
  used: bigint
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
    if (known) known.max = rule.max
    else this.rules.push(rule)
  }

  /** Every rule that counts for a call: the one for this id before the account's before the default. */
  statesFor({ subject, needs, limits }: Counted, at: Micros, zone: string): CounterState[] {
    const found = new Map<string, CounterState & { rank: number }>()
    const defaults = limits.map((rule) => ({ ...rule, id: '*', rank: 0 }))
    const own = this.rules.map((rule) => ({ ...rule, rank: rule.id === '*' ? 1 : 2 }))
    for (const { scope, id, measure, window: size, max, rank } of [...defaults, ...own]) {
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
      found.set(name, { counter, rank, max, needed, window, held, used })
    }
    return [...found.values()]
  }

  /** Counts a call that passed. Answers what waits for its outcome. */
  take(states: CounterState[]): Pin[] {
    const pins: Pin[] = []
    for (const { counter, window, max, needed, held, used } of states) {
      const counts = counter.measure === 'requests'
      this.counters.set(keyOf(counter), {
        ...counter,
        window,
        max,
        held: counts ? held : held + needed,
        used: counts ? used + needed : used,
      })
      if (!counts) pins.push({ key: keyOf(counter), start: window.start, amount: needed })
    }
    return pins
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
