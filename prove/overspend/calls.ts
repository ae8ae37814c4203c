import type { Operation } from '../model/verbs.js'

/** What a calling process is told: its own calls, made so many at once. */
export interface Orders {
  url: string
  calls: Call[]
  atOnce: number
}

/**
 * A call of a verb, the work of a worker (claim a job, then finish it for a part of its hold), or the
 * chore that takes back what accounts have of the budget and do not use.
 */
export type Call =
  | Extract<Operation, { verb: 'start' | 'grant' | 'cancel' }>
  | { verb: 'return' }
  | { verb: 'work'; part: number; state: 'succeeded' | 'failed'; delivered: number }

/** A call as it went: when it was sent and answered, in microseconds since 1970, and with what. */
export interface Answered {
  call: Call
  sent: number
  heard: number
  answer: string
}
