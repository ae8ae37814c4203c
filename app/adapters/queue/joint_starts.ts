import pg from 'pg'
import type { LimitRule } from '#core/quota/limit_rule'
import { JointCall } from '#adapters/postgres/joint_call'
import type { Sql } from '#adapters/postgres/sql'
import { limitsParameter, type RefusalRow } from '#adapters/quota/mapping'

/** A start by the columns of the composite type `starts`. Its limits are known by who they are. */
export interface Start extends Record<string, unknown> {
  account_id: string
  limits: LimitRule[]
}

export type StartAnswer = (
  | { outcome: 'started'; at: Date }
  | { outcome: 'exists' | 'conflict'; generation: string; job: string }
  | { outcome: 'refused'; refusal: RefusalRow }
) & { rooms: string | null }

/** `busy`: somebody else has the account, and nobody was to wait for it. */
type JointAnswer = StartAnswer | { outcome: 'busy'; rooms: null }

const STARTED = { outcome: 'started' } as const

/** The Postgres error codes after which nobody knows what became of the transaction. */
const CUT_OFF = /^57P/

/**
 * Starts of one moment in one round trip and one transaction: together they cost a third of what
 * each does alone. One whose account somebody else has, or that another of its trip took
 * down, is asked again alone.
 */
export class JointStarts {
  readonly #trips = new JointCall(
    (starts: Start[]) => this.#startEach(starts),
    ({ account_id: accountId }) => accountId
  )

  constructor(private readonly sql: Sql) {}

  async start(start: Start): Promise<StartAnswer> {
    const answer = await this.#trips.call(start)
    return answer.outcome === 'busy' ? this.#startAlone(start) : answer
  }

  async #startAlone(start: Start): Promise<StartAnswer> {
    const [answer] = await this.#call([start], { patient: true })
    return answer as StartAnswer
  }

  async #startEach(starts: Start[]): Promise<JointAnswer[]> {
    try {
      return await this.#call(starts, { patient: false })
    } catch (error) {
      const isUndone = error instanceof pg.DatabaseError && !CUT_OFF.test(error.code ?? '')
      if (starts.length === 1 || !isUndone) throw error
      return starts.map(() => ({ outcome: 'busy', rooms: null }))
    }
  }

  async #call(starts: Start[], { patient }: { patient: boolean }): Promise<JointAnswer[]> {
    const {
      held_at: heldAt,
      answers,
      rooms,
    } = await this.sql.row<{
      held_at: Date[]
      answers: (JointAnswer | null)[]
      rooms: (string | null)[]
    }>('select * from generation_start($1, $2)', [JSON.stringify(columnsOf(starts)), patient])
    return answers.map((answer, n) =>
      answer ? { ...answer, rooms: rooms[n] } : { ...STARTED, at: heldAt[n], rooms: rooms[n] }
    ) as JointAnswer[]
  }
}

/** A column for each property, and each set of limits once. */
function columnsOf(starts: Start[]) {
  const sets = [...new Set(starts.map(({ limits }) => limits))]
  const columns: Record<string, unknown[]> = {}
  for (const name of Object.keys(starts[0])) columns[name] = starts.map((start) => start[name])
  columns.limits = starts.map(({ limits }) => sets.indexOf(limits))
  columns.default_limits = sets.flatMap(limitsParameter)
  return columns
}
