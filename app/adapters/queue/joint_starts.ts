import pg from 'pg'
import { JointCall } from '#adapters/postgres/joint_call'
import type { Sql } from '#adapters/postgres/sql'
import type { RefusalRow } from '#adapters/quota/mapping'

export type StartAnswer =
  | { outcome: 'started'; at: string }
  | { outcome: 'exists' | 'conflict'; generation: string; job: string }
  | { outcome: 'refused'; refusal: RefusalRow }

/**
 * `busy`: somebody else has the account, and nobody was to wait for it. `unknown`: another of the
 * trip broke, and this one may have been written before.
 */
type JointAnswer = StartAnswer | { outcome: 'busy' | 'unknown' }

/** One works while the other waits for the disk. More only cool each other's caches. */
const LANES = 2

/**
 * Starts of one moment in one round trip, each in a transaction of its own: one connection that
 * works on several takes half the time of several that take turns.
 */
export class JointStarts {
  readonly #lanes = Array.from(
    { length: LANES },
    () => new JointCall((starts: string[]) => this.#startEach(starts))
  )

  constructor(private readonly sql: Sql) {}

  async start(start: { account_id: string }): Promise<StartAnswer> {
    const lane = this.#lanes[laneOf(start.account_id)]
    const answer = await lane.call(JSON.stringify(start))
    switch (answer.outcome) {
      case 'busy':
        return this.sql.verb('generation_start', start)
      case 'unknown':
        return this.sql.verb('generation_start_again', start)
      default:
        return answer
    }
  }

  async #startEach(starts: string[]): Promise<JointAnswer[]> {
    try {
      const { p: answers } = await this.sql.row<{ p: JointAnswer[] }>(
        'call generation_start_each($1)',
        [`[${starts.join()}]`]
      )
      return answers
    } catch (error) {
      // One that was alone was not written. What became of a lost connection, nobody knows.
      if (starts.length === 1 || !(error instanceof pg.DatabaseError)) throw error
      return starts.map(() => ({ outcome: 'unknown' }))
    }
  }
}

/** Starts of one account keep to one lane, where they cannot find it busy because of each other. */
function laneOf(accountId: string): number {
  return accountId.charCodeAt(accountId.length - 1) % LANES
}
