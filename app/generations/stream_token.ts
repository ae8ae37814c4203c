import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto'
import env from '#start/env'

const LIFETIME_MS = 24 * 3_600_000

/** Made once: every answer carries a token, and making a key of bytes takes longer than signing. */
const key = createSecretKey(
  new Uint8Array(hkdfSync('sha256', env.get('APP_KEY').release(), '', 'daygen stream token', 32))
)

/**
 * The right to read the events of one generation and nothing else, for browsers:
 * an EventSource cannot send a header. It ends with the key that was told it, if it was a key.
 */
export function streamToken(
  accountId: string,
  generationId: string,
  keyId: string | null = null
): string {
  const facts = `${accountId}.${generationId}.${Date.now() + LIFETIME_MS}.${keyId ?? ''}`
  return `${facts}.${signature(facts)}`
}

/** Whose generation a token opens and by whose right, or `null` for a forged or expired one. */
export function readStreamToken(token: string) {
  const facts = token.slice(0, Math.max(0, token.lastIndexOf('.')))
  const given = Buffer.from(token.slice(facts.length + 1))
  const right = Buffer.from(signature(facts))
  if (given.length !== right.length || !timingSafeEqual(given, right)) return null
  const [accountId, generationId, expiresAt, keyId] = facts.split('.')
  const until = new Date(Number(expiresAt))
  if (until <= new Date()) return null
  return { accountId, generationId, expiresAt: until, keyId: keyId || undefined }
}

function signature(facts: string): string {
  return createHmac('sha256', key).update(facts).digest('base64url')
}
