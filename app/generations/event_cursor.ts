import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Place } from '#core/streams/streams'
import env from '#start/env'

const SIGNATURE = 16

const key = createSecretKey(
  new Uint8Array(hkdfSync('sha256', env.get('APP_KEY').release(), '', 'daygen event cursor', 32))
)

/** A place as clients keep it. It holds for one account: whoever alters it, or sends another's, is refused. */
export function sealPlace(accountId: string, place: Place): string {
  return Buffer.concat([signature(accountId, place), Buffer.from(place)]).toString('base64url')
}

/** `null` for what is no place of this account. */
export function openPlace(accountId: string, cursor: string): Place | null {
  const bytes = Buffer.from(cursor, 'base64url')
  const place = bytes.toString('utf8', SIGNATURE)
  const given = bytes.subarray(0, SIGNATURE)
  if (given.length < SIGNATURE || bytes.toString('base64url') !== cursor) return null
  return timingSafeEqual(given, signature(accountId, place)) ? place : null
}

function signature(accountId: string, place: Place): Buffer {
  return createHmac('sha256', key).update(`${accountId} ${place}`).digest().subarray(0, SIGNATURE)
}
