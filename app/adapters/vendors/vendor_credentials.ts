import { SignJWT } from 'jose'
import type { VendorAuth } from '#core/plugins/vendor_http'

const TOKEN_LIFETIME_S = 1_800
/** A token is made anew so long before it ends, so that none ends on its way. */
const TOKEN_REST_S = 300
/** A vendor's clock may be behind ours by this. */
const TOKEN_SLACK_S = 5
/** Shorter ones are found in texts that have nothing to do with them. */
const SHORTEST_SECRET = 8

/** Proves to a vendor who we are, and keeps what proves it from being repeated. */
export class VendorCredentials {
  #token: { text: string; until: number } | null = null

  constructor(
    private readonly auth: VendorAuth,
    private readonly secrets: Record<string, string>,
    private readonly now: () => Date = () => new Date()
  ) {}

  async headers(): Promise<Record<string, string>> {
    const { auth, secrets } = this
    switch (auth.kind) {
      case 'none':
        return {}
      case 'bearer':
        return { authorization: `Bearer ${secrets[auth.secret]}` }
      case 'header':
        return { [auth.name.toLowerCase()]: secrets[auth.secret] }
      case 'key-prefix':
        return { authorization: `${auth.prefix} ${secrets[auth.secret]}` }
      case 'jwt-hs256':
        return { authorization: `Bearer ${await this.#jwt(auth)}` }
    }
  }

  /** The same bytes without secrets of ours: some vendors say a wrong key back. */
  hide(bytes: Uint8Array): Uint8Array {
    const text = Buffer.from(bytes).toString('latin1')
    const found = Object.values(this.secrets)
      .map((secret) => Buffer.from(secret).toString('latin1'))
      .filter((secret) => secret.length >= SHORTEST_SECRET && text.includes(secret))
    if (found.length === 0) return bytes
    const hidden = found.reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
    return Buffer.from(hidden, 'latin1')
  }

  async #jwt({ accessKey, secretKey }: Extract<VendorAuth, { kind: 'jwt-hs256' }>) {
    const at = Math.floor(this.now().getTime() / 1000)
    if (this.#token && at < this.#token.until - TOKEN_REST_S) return this.#token.text
    const until = at + TOKEN_LIFETIME_S
    const text = await new SignJWT()
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuer(this.secrets[accessKey])
      .setNotBefore(at - TOKEN_SLACK_S)
      .setExpirationTime(until)
      .sign(new TextEncoder().encode(this.secrets[secretKey]))
    this.#token = { text, until }
    return text
  }
}
