import { ERROR_POLICIES } from '../queue/error_policy.js'
import type { ErrorClass } from '../queue/types.js'
import type { CircuitCause } from './provider_health.js'

/** Older ones say nothing of now. */
const WINDOW_MS = 60_000
const MOST_REMEMBERED = 50
/** Fewer failures may be chance. */
const FEWEST_FAILURES = 5
const TOO_MANY = 0.5

/** What an error says of its provider: why not to ask it, that it `works`, or nothing (`null`). */
export function causeOf(errorClass: ErrorClass): CircuitCause | 'works' | null {
  switch (ERROR_POLICIES[errorClass].health) {
    case 'opens':
      return errorClass as CircuitCause
    case 'fails':
      return 'failures'
    case 'silent':
      return null
    case 'works':
      return 'works'
  }
}

/** How much of what one provider was asked of late came to nothing, as this process saw it. */
export class FailureRate {
  #outcomes: { at: number; failed: boolean }[] = []

  answered(at: number) {
    this.#remember(at, false)
  }

  /** Whether it is too much now. */
  failed(at: number): boolean {
    this.#remember(at, true)
    const failures = this.#outcomes.filter(({ failed }) => failed).length
    return failures >= FEWEST_FAILURES && failures >= this.#outcomes.length * TOO_MANY
  }

  forget() {
    this.#outcomes = []
  }

  #remember(at: number, failed: boolean) {
    const recent = this.#outcomes.filter((one) => one.at > at - WINDOW_MS)
    this.#outcomes = [...recent, { at, failed }].slice(-MOST_REMEMBERED)
  }
}
