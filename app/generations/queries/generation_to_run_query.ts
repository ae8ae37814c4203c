import db from '@adonisjs/lucid/services/db'
import { Exception } from '@adonisjs/core/exceptions'
import type { PricePins } from '#core/prices/price_model'

export interface GenerationToRun {
  model: string
  provider: string
  kind: string
  input: Record<string, unknown>
  /** What its hold was priced with, and when. */
  pins: PricePins
  heldAt: Date
  /** In micro-credits. */
  heldMicro: string
}

interface Row extends Omit<GenerationToRun, 'input'> {
  accountId: string
  id: string
  input: Record<string, unknown> | null
}

interface Asked {
  accountId: string
  id: string
  resolve(generation: GenerationToRun): void
  reject(error: unknown): void
}

/**
 * What workers need of their generations. Those that are asked for in one moment, as the jobs of one
 * claim are, are one query. The input is empty when its owner has deleted it meanwhile.
 */
export class GenerationToRunQuery {
  #asked: Asked[] = []

  find(accountId: string, id: string): Promise<GenerationToRun> {
    return new Promise((resolve, reject) => {
      if (this.#asked.length === 0) queueMicrotask(() => this.#answer())
      this.#asked.push({ accountId, id, resolve, reject })
    })
  }

  async #answer() {
    const asked = this.#asked
    this.#asked = []
    try {
      const rows = await rowsOf(asked)
      const found = new Map(rows.map((row) => [nameOf(row), row]))
      for (const one of asked) {
        const row = found.get(nameOf(one))
        if (row) one.resolve({ ...row, input: row.input ?? {} })
        else one.reject(new NoGeneration())
      }
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }
}

async function rowsOf(asked: Asked[]): Promise<Row[]> {
  const { rows } = await db.rawQuery(
    `select g.account_id as "accountId", g.id, g.model, g.provider, g.kind, g.input,
       h.price_pins as pins, h.created_at as "heldAt", h.amount_micro as "heldMicro"
     from unnest(?::text[], ?::text[]) a (account_id, id)
     join generations g on g.account_id = a.account_id and g.id = a.id
     join holds h on h.account_id = g.account_id and h.id = g.job_id`,
    [asked.map(({ accountId }) => accountId), asked.map(({ id }) => id)]
  )
  return rows
}

const nameOf = ({ accountId, id }: { accountId: string; id: string }) => `${accountId} ${id}`

class NoGeneration extends Exception {
  static code = 'E_NO_GENERATION'
  static message = 'The job is about a generation that is not there.'
}
