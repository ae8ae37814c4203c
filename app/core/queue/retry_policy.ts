import { ERROR_POLICIES } from './error_policy.js'
import type { ErrorClass } from './types.js'

const BASE_MS = 500
const CEILING_MS = 30_000

export interface RetryQuestion {
  class: ErrorClass
  attempt: number
  maxAttempts: number
  retryAfterMs?: number
  now: Date
  deadline: Date
}

/**
 * When to try again, or `null` for never. Exponential with full jitter, never sooner
 * than the vendor asked. A try that would be due after the deadline is none.
 */
export function retryAt(question: RetryQuestion, random = Math.random): Date | null {
  const rule = ERROR_POLICIES[question.class]
  const tries = rule.free ? rule.tries : Math.min(rule.tries, question.maxAttempts)
  if (question.attempt >= tries) return null

  const backoff = Math.min(CEILING_MS, BASE_MS * 2 ** Math.min(question.attempt - 1, 10))
  const wait = Math.max(question.retryAfterMs ?? 0, backoff * (0.5 + random() / 2))
  const due = new Date(question.now.getTime() + wait)
  return due < question.deadline ? due : null
}

/** Whether a try that failed this way counts. */
export function isFree(errorClass: ErrorClass): boolean {
  return ERROR_POLICIES[errorClass].free === true
}
