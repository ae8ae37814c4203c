import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

export type Verdict = 'valid' | 'expired' | 'forged'

/**
 * Facts in a query string that nobody can alter, good until a moment. Each purpose has a
 * key of its own, so that what was signed for one is void for any other.
 */
export class SignedQuery {
  readonly #key: Uint8Array

  constructor(secret: string, purpose: string) {
    this.#key = new Uint8Array(
      hkdfSync('sha256', secret, '', `daygen signed query: ${purpose}`, 32)
    )
  }

  /** A query string with the facts, `expires` (seconds since 1970) and `signature`. `subject` is signed but not told. */
  sign(subject: string, facts: Record<string, string | number>, expiresAt: Date): string {
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(facts)) query.set(name, String(value))
    query.set('expires', String(Math.ceil(expiresAt.getTime() / 1000)))
    query.set('signature', this.#signature(subject, query).toString('base64url'))
    return query.toString()
  }

  verdict(subject: string, query: URLSearchParams, now: Date): Verdict {
    const given = Buffer.from(query.get('signature') ?? '', 'base64url')
    const right = this.#signature(subject, query)
    if (given.length !== right.length || !timingSafeEqual(given, right)) return 'forged'
    return Number(query.get('expires')) * 1000 > now.getTime() ? 'valid' : 'expired'
  }

  #signature(subject: string, query: URLSearchParams): Buffer {
    const facts = [...query].filter(([name]) => name !== 'signature').sort(byNameAndValue)
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([subject, facts]))
      .digest()
  }
}

function byNameAndValue(a: [string, string], b: [string, string]): number {
  return a[0] === b[0] ? compare(a[1], b[1]) : compare(a[0], b[0])
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
