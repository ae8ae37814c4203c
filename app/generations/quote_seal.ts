import { createHash, createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Credits } from '#core/ledger/credits'
import { placed } from '#core/plugins/references'
import { canonical } from '#core/prices/digest'
import type { PricePins } from '#core/prices/price_model'
import env from '#start/env'

/** All that a quote promises, and to whom. */
export interface QuoteFacts {
  accountId: string
  id: string
  model: string
  /** See `inputDigest`. */
  inputDigest: string
  pins: PricePins
  ceiling: Credits
  expiresAt: Date
}

const key = createSecretKey(
  new Uint8Array(hkdfSync('sha256', env.get('APP_KEY').release(), '', 'daygen quote seal', 32))
)

/** Made with a key that is in no database: who can write rows cannot promise a price. */
export function sealOf(quote: QuoteFacts): string {
  const { accountId, id, model, pins, ceiling, expiresAt } = quote
  const facts = [accountId, id, model, quote.inputDigest, pins, ceiling.micro.toString()]
  return createHmac('sha256', key)
    .update(canonical([...facts, expiresAt.getTime()]))
    .digest('base64url')
}

export function isSealed(quote: QuoteFacts, seal: string): boolean {
  const right = Buffer.from(sealOf(quote))
  const given = Buffer.from(seal)
  return given.length === right.length && timingSafeEqual(given, right)
}

/**
 * Equal for inputs that are the same to the model: defaults filled in, fields in any order,
 * a file by what is in it.
 */
export function inputDigest(
  model: string,
  input: Record<string, unknown>,
  references: Record<string, { sha256: string }>
): string {
  const files = Object.entries(references).map(([at, { sha256 }]) => [at, { sha256 }])
  return createHash('sha256')
    .update(canonical([model, placed(input, Object.fromEntries(files))]))
    .digest('hex')
}
