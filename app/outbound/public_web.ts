import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { Agent } from 'undici'
import { isPublicAddress } from './public_address.js'

export const LONGEST_URL = 2048
const STANDARD_PORTS: Record<string, number> = { 'https:': 443, 'http:': 80 }

export interface Address {
  address: string
  family: number
}

export interface UrlRefusal {
  type: 'url_invalid' | 'url_not_public'
  message: string
}

export interface PublicWebOptions {
  /** Protocols, each at its one port, or at any where it is `null`. */
  ports: Record<string, number | null>
  connectTimeoutMs: number
  /** All addresses of a name. */
  resolve(hostname: string): Promise<Address[]>
  /** Whether an address may be connected to. */
  allow(address: string): boolean
}

/**
 * Connects to what a stranger names by URL. The stranger chooses where we connect to, so every
 * address of the name must be public, and the connection goes to the very addresses that were
 * checked: a name may answer otherwise the next time it is asked.
 */
export class PublicWeb {
  readonly #options: PublicWebOptions

  constructor(
    options: Pick<PublicWebOptions, 'ports' | 'connectTimeoutMs'> & Partial<PublicWebOptions>
  ) {
    this.#options = { resolve: allAddresses, allow: isPublicAddress, ...options }
  }

  /**
   * Checks what can be told from the text. The URL parser has put every notation of an IPv4
   * address into one. Throws `UrlRefused`.
   */
  read(text: string, base?: URL): URL {
    const url = text.length <= LONGEST_URL ? URL.parse(text, base?.href) : null
    if (!url) throw invalid(`This is no URL of at most ${LONGEST_URL} characters.`)
    const port = this.#options.ports[url.protocol]
    if (port === undefined) {
      const known = Object.keys(this.#options.ports).map((protocol) => `${protocol}//`)
      const what = base ? 'What the URL redirects to' : 'The URL'
      throw invalid(`${what} must begin with ${known.join(' or ')}.`)
    }
    if (port !== null && Number(url.port || STANDARD_PORTS[url.protocol]) !== port) {
      throw invalid(`The URL must not name a port other than ${port}.`)
    }
    if (url.username || url.password) {
      throw invalid('The URL must not contain a user name or password.')
    }
    return url
  }

  /** An agent that can connect to nothing but the checked addresses. Throws `UrlRefused`, and what the resolver throws. */
  async agentFor(url: URL, signal: AbortSignal): Promise<Agent> {
    const addresses = await this.addressesOf(url, signal)
    const pinned: LookupFunction = (_hostname, { all }, answer) => {
      if (all) answer(null, addresses)
      else answer(null, addresses[0].address, addresses[0].family)
    }
    return new Agent({ connect: { lookup: pinned, timeout: this.#options.connectTimeoutMs } })
  }

  /** The addresses of a URL's host, all of which may be connected to. */
  async addressesOf({ hostname }: URL, signal: AbortSignal): Promise<Address[]> {
    const literal = hostname.replace(/^\[|\]$/g, '')
    const addresses = isIP(literal)
      ? [{ address: literal, family: isIP(literal) }]
      : await unlessAborted(this.#options.resolve(hostname), signal)
    if (addresses.length === 0 || !addresses.every(({ address }) => this.#options.allow(address))) {
      throw new UrlRefused('url_not_public', 'The URL leads to an address that is not public.')
    }
    return addresses
  }
}

/** Ends the story of a connection from anywhere inside it. */
export class UrlRefused extends Error {
  readonly refusal: UrlRefusal

  constructor(type: UrlRefusal['type'], message: string) {
    super(message)
    this.refusal = { type, message }
  }
}

function invalid(message: string) {
  return new UrlRefused('url_invalid', message)
}

function allAddresses(hostname: string): Promise<Address[]> {
  return lookup(hostname, { all: true })
}

/** A look-up of a name cannot be aborted, only abandoned. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
