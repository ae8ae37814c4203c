import db from '@adonisjs/lucid/services/db'
import { Credits } from '#core/ledger/credits'
import type { Derivation } from '#core/prices/derivation'
import type { QuoteFacts } from '#app/generations/quote_seal'

export interface Quote extends QuoteFacts {
  seal: string
  derivation: Derivation
  createdAt: Date
}

/** One quote of an organisation, or `null`. Somebody else's is `null` as well. */
export async function quoteQuery(accountId: string, id: string): Promise<Quote | null> {
  const row = await db.from('quotes').where({ account_id: accountId, id }).first()
  return (
    row && {
      accountId: row.account_id,
      id: row.id,
      model: row.model,
      inputDigest: row.input_digest,
      pins: row.price_pins,
      ceiling: Credits.fromMicro(row.ceiling_micro),
      derivation: row.derivation,
      seal: row.seal,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    }
  )
}
