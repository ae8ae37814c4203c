import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, request } from 'undici'
import settings from '#config/assets'
import { refuse, type FileRefusal } from './file_refusal.js'
import { isPublicAddress } from './public_address.js'
import { TemporaryFile } from './temporary_file.js'

const LONGEST_URL = 2048
const REDIRECTS = [301, 302, 303, 307, 308]

export interface Address {
  address: string
  family: number
}

export interface FetchRefusal {
  type: 'url_invalid' | 'url_not_public' | 'fetch_failed' | 'fetch_timed_out'
  message: string
}

export type Fetched =
  { ok: true; file: TemporaryFile } | { ok: false; refusal: FetchRefusal | FileRefusal }

export interface RemoteFilesOptions {
  /** Protocols, each at its one port. */
  ports: Record<string, number>
  maxRedirects: number
  connectTimeoutMs: number
  totalTimeoutMs: number
  /** All addresses of a name. */
  resolve(hostname: string): Promise<Address[]>
  /** Whether an address may be connected to. */
  allow(address: string): boolean
}

/**
 * Fetches what a stranger names by URL. The stranger chooses where we connect to, so each
 * hop's every address must be public, and the connection goes to the very addresses that
 * were checked: a name may answer otherwise the next time it is asked.
 */
export class RemoteFiles {
  readonly #options: RemoteFilesOptions

  /** Tests give it a resolver and an address of this machine; nothing that is configured can. */
  constructor(options: Partial<RemoteFilesOptions> = {}) {
    this.#options = {
      ...settings.fetching,
      resolve: allAddresses,
      allow: isPublicAddress,
      ...options,
    }
  }

  async fetch(url: string, { maxBytes }: { maxBytes: number }): Promise<Fetched> {
    const signal = AbortSignal.timeout(this.#options.totalTimeoutMs)
    try {
      return await this.#follow(url, maxBytes, signal)
    } catch (error) {
      if (error instanceof NotFetched) return { ok: false, refusal: error.refusal }
      return { ok: false, refusal: signal.aborted ? timedOut() : failed(error) }
    }
  }

  async #follow(first: string, maxBytes: number, signal: AbortSignal): Promise<Fetched> {
    let url = this.#read(first)
    for (let hop = 0; hop <= this.#options.maxRedirects; hop++) {
      const answer = await this.#get(url, maxBytes, signal)
      if (!('location' in answer)) return answer
      url = this.#read(answer.location, url)
    }
    throw new NotFetched(
      'fetch_failed',
      'The URL redirects too often. Give the URL of the file itself.'
    )
  }

  async #get(
    url: URL,
    maxBytes: number,
    signal: AbortSignal
  ): Promise<Fetched | { location: string }> {
    const agent = await this.#agentFor(url, signal)
    try {
      const { statusCode, headers, body } = await request(url, {
        dispatcher: agent,
        signal,
        headers: {
          'accept': 'image/*, video/*',
          'accept-encoding': 'identity',
          'user-agent': 'DayGen',
        },
      })
      const { location } = headers
      if (REDIRECTS.includes(statusCode) && typeof location === 'string') return { location }
      if (statusCode !== 200) {
        throw new NotFetched(
          'fetch_failed',
          `The URL answers with status ${statusCode}. It must answer 200 to anyone.`
        )
      }
      if (Number(headers['content-length']) > maxBytes) {
        return { ok: false, refusal: refuse.tooLarge(maxBytes) }
      }
      const received = await TemporaryFile.receive(body, maxBytes)
      return received.ok ? received : { ok: false, refusal: refuse.tooLarge(maxBytes) }
    } finally {
      await agent.destroy()
    }
  }

  /** Checks what can be told from the text. The URL parser has put every notation of an IPv4 address into one. */
  #read(text: string, base?: URL): URL {
    const url = text.length <= LONGEST_URL ? URL.parse(text, base?.href) : null
    if (!url)
      throw new NotFetched('url_invalid', `This is no URL of at most ${LONGEST_URL} characters.`)
    const port = this.#options.ports[url.protocol]
    if (!port) {
      const known = Object.keys(this.#options.ports).map((protocol) => `${protocol}//`)
      throw new NotFetched(
        'url_invalid',
        `The URL, and whatever it redirects to, must begin with ${known.join(' or ')}.`
      )
    }
    if (Number(url.port || STANDARD_PORTS[url.protocol]) !== port) {
      throw new NotFetched('url_invalid', `The URL must not name a port other than ${port}.`)
    }
    if (url.username || url.password) {
      throw new NotFetched(
        'url_invalid',
        'The URL must not contain a user name or password. Use a signed URL.'
      )
    }
    return url
  }

  /** An agent that can connect to nothing but the checked addresses. */
  async #agentFor(url: URL, signal: AbortSignal): Promise<Agent> {
    const addresses = await this.#addressesOf(url.hostname, signal)
    const pinned: LookupFunction = (_hostname, { all }, answer) => {
      if (all) answer(null, addresses)
      else answer(null, addresses[0].address, addresses[0].family)
    }
    return new Agent({ connect: { lookup: pinned, timeout: this.#options.connectTimeoutMs } })
  }

  async #addressesOf(hostname: string, signal: AbortSignal): Promise<Address[]> {
    const literal = hostname.replace(/^\[|\]$/g, '')
    const addresses = isIP(literal)
      ? [{ address: literal, family: isIP(literal) }]
      : await unlessAborted(this.#options.resolve(hostname), signal)
    if (addresses.length === 0 || !addresses.every(({ address }) => this.#options.allow(address))) {
      throw new NotFetched(
        'url_not_public',
        'The URL leads to an address that is not public. Upload the file to /v1/uploads instead.'
      )
    }
    return addresses
  }
}

const STANDARD_PORTS: Record<string, number> = { 'https:': 443, 'http:': 80 }

function allAddresses(hostname: string): Promise<Address[]> {
  return lookup(hostname, { all: true })
}

/** Ends the story of a fetch from anywhere inside it. Does not leave this file. */
class NotFetched extends Error {
  readonly refusal: FetchRefusal

  constructor(type: FetchRefusal['type'], message: string) {
    super(message)
    this.refusal = { type, message }
  }
}

function timedOut(): FetchRefusal {
  return {
    type: 'fetch_timed_out',
    message:
      'The URL did not deliver its file in time. Try again, or upload the file to /v1/uploads.',
  }
}

/** The code and no more: a message of the network names addresses. */
function failed(error: unknown): FetchRefusal {
  const { code = 'unknown error' } = error as { code?: string }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return timedOut()
  return {
    type: 'fetch_failed',
    message: `The URL could not be fetched (${code}). Check that anyone can open it, or upload the file to /v1/uploads.`,
  }
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
