import db from '@adonisjs/lucid/services/db'
import type { PricePins } from '#core/prices/price_model'

export interface GenerationToRun {
  model: string
  provider: string
  kind: string
  input: Record<string, unknown>
  /** What its hold was priced with, and when. */
  pins: PricePins
  heldAt: Date
}

/** What a worker needs of a generation. The input is empty when its owner has deleted it meanwhile. */
export async function generationToRunQuery(
  accountId: string,
  generationId: string
): Promise<GenerationToRun> {
  const row = await db
    .from('generations as g')
    .join('holds as h', (join) => join.on('h.account_id', 'g.account_id').andOn('h.id', 'g.job_id'))
    .select('g.model', 'g.provider', 'g.kind', 'g.input')
    .select('h.price_pins as pins', 'h.created_at as heldAt')
    .where({ 'g.account_id': accountId, 'g.id': generationId })
    .firstOrFail()
  return { ...row, input: row.input ?? {} }
}
