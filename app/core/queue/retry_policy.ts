import type { ErrorClass } from './types.js'

interface RetryRule {
  /** How many tries there are at most, the first included. */
  tries: number
  /** Waiting for a slot is nobody's fault: it costs no attempt. */
  free?: boolean
}

const NEVER: RetryRule = { tries: 1 }
const ONCE_MORE: RetryRule = { tries: 2 }
const UNTIL_DEADLINE: RetryRule = { tries: Number.POSITIVE_INFINITY }

/** What an error class means for another try at the same provider. */
const RULES: Record<ErrorClass, RetryRule> = {
  invalid_input: NEVER,
  blocked_input: NEVER,
  blocked_output: NEVER,
  rate_limited: { tries: Number.POSITIVE_INFINITY, free: true },
  concurrency_full: { tries: Number.POSITIVE_INFINITY, free: true },
  quota_daily: NEVER,
  provider_balance: NEVER,
  provider_auth: NEVER,
  model_retired: NEVER,
  transient_before_accept: { tries: 4 },
  transient_on_poll: { ...UNTIL_DEADLINE, free: true },
  outcome_unknown: NEVER,
  provider_failed: ONCE_MORE,
  no_output: ONCE_MORE,
  asset_lost: NEVER,
  canceled: NEVER,
  deadline: NEVER,
  internal: ONCE_MORE,
}

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
  const rule = RULES[question.class]
  const tries = rule.free ? rule.tries : Math.min(rule.tries, question.maxAttempts)
  if (question.attempt >= tries) return null

  const backoff = Math.min(CEILING_MS, BASE_MS * 2 ** Math.min(question.attempt - 1, 10))
  const wait = Math.max(question.retryAfterMs ?? 0, backoff * (0.5 + random() / 2))
  const due = new Date(question.now.getTime() + wait)
  return due < question.deadline ? due : null
}

/** Whether a try that failed this way counts. */
export function isFree(errorClass: ErrorClass): boolean {
  return RULES[errorClass].free === true
}
