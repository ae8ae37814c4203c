import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from 'jose'

interface Key {
  kid: string
  private: CryptoKey
  public: JWK
}

/** Signs OIDC tokens as accounts.google.com does, and publishes its keys on loopback. */
export class FakeIssuer {
  #keys: Key[] = []
  /** How often the keys were asked for. */
  asked = 0

  private constructor(
    private readonly server: Server,
    readonly issuer: string
  ) {
    server.on('request', (_, response) => {
      this.asked++
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ keys: this.#keys.map((key) => key.public) }))
    })
  }

  static async start(): Promise<FakeIssuer> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const issuer = new FakeIssuer(server, `http://127.0.0.1:${port}`)
    await issuer.rotate()
    return issuer
  }

  get jwksUrl() {
    return `${this.issuer}/certs`
  }

  /** Signs with a new key from now on; the old ones are still published, unless they are dropped. */
  async rotate({ drop = false } = {}) {
    this.#keys = [await newKey(), ...(drop ? [] : this.#keys)]
  }

  /** The token of a push. Claims that are given replace the usual ones; `undefined` leaves one out. */
  sign(claims: JWTPayload): Promise<string> {
    return signWith(this.#keys[0], {
      iss: this.issuer,
      sub: '117',
      email_verified: true,
      ...lifetime(0),
      ...claims,
    })
  }

  /** The same, by somebody who has none of the keys but knows their names. */
  async forge(claims: JWTPayload): Promise<string> {
    const key = { ...(await newKey()), kid: this.#keys[0].kid }
    return signWith(key, { iss: this.issuer, email_verified: true, ...lifetime(0), ...claims })
  }

  async stop() {
    this.server.closeAllConnections()
    this.server.close()
  }
}

/** An hour, which began so many seconds ago. */
export function lifetime(age: number) {
  const now = Math.floor(Date.now() / 1000)
  return { iat: now - age, exp: now - age + 3600 }
}

async function newKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  const kid = crypto.randomUUID()
  return {
    kid,
    private: privateKey,
    public: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' },
  }
}

function signWith(key: Key, claims: JWTPayload) {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'JWT' })
    .sign(key.private)
}
