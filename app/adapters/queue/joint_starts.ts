import type { LimitRule } from '#core/quota/limit_rule'
import { JointVerb, type Busy } from '#adapters/postgres/joint_verb'
import type { Sql } from '#adapters/postgres/sql'
import type { Short } from '#adapters/quota/leases'
import { limitsParameter, type RefusalRow, type RemarkRow } from '#adapters/quota/mapping'

/** A start by the columns of the composite type `starts`. Its limits are known by who they are. */
export interface Start extends Record<string, unknown> {
  account_id: string
  limits: LimitRule[]
}

export type StartAnswer = (
  | Short
  | { outcome: 'started'; at: Date }
  | { outcome: 'exists' | 'conflict'; generation: string; job: string }
  | { outcome: 'refused'; refusal: RefusalRow }
) &
  Told

/** What the call says beside the answer. */
interface Told {
  rooms: string | null
  remark: RemarkRow | null
}

const STARTED = { outcome: 'started' } as const

/** Starts of one moment, as one call of `generation_start`. */
export class JointStarts extends JointVerb<Start, StartAnswer> {
  constructor(sql: Sql) {
    super({
      accountOf: ({ account_id: accountId }) => accountId,
      async ask(starts, patient) {
        const {
          held_at: heldAt,
          answers,
          rooms,
          remarks,
        } = await sql.row<{
          held_at: Date[]
          answers: (StartAnswer | Busy | null)[]
          rooms: (string | null)[]
          remarks: (RemarkRow | null)[] | null
        }>('select * from generation_start($1, $2)', [
          JSON.stringify(startColumns(starts)),
          patient,
        ])
        return answers.map((answer, n) => ({
          ...(answer ?? { ...STARTED, at: heldAt[n] }),
          rooms: rooms[n],
          remark: remarks && remarks[n],
        }))
      },
    })
  }
}

/** A column for each property, and each set of limits once. */
export function startColumns(starts: Start[]) {
  const sets = [...new Set(starts.map(({ limits }) => limits))]
  const columns: Record<string, unknown[]> = {}
  for (const name of Object.keys(starts[0])) columns[name] = starts.map((start) => start[name])
  columns.limits = starts.map(({ limits }) => sets.indexOf(limits))
  columns.default_limits = sets.flatMap(limitsParameter)
  return columns
}
