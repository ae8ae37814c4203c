import { FormData, request, type Agent, type Dispatcher } from 'undici'
import {
  VendorAnswerTooLarge,
  VendorDownloadFailed,
  VendorHostRefused,
  VendorHttp,
  VendorTimeout,
  VendorUnreachable,
  type VendorBody,
  type VendorDownload,
  type VendorFile,
  type VendorHosts,
  type VendorRequest,
  type VendorResponse,
} from '#core/plugins/vendor_http'
import { Answer, headersOf } from './answer.js'
import type { VendorCredentials } from './vendor_credentials.js'

const LARGEST_ANSWER = 32 * 1024 * 1024
/** Between two pieces of an answer that has begun. */
const SILENCE_MS = 30_000
const REDIRECTS = [301, 302, 303, 307, 308]
const MOST_REDIRECTS = 5
/** Tells a fake, which stands for all hosts of its vendor, which of them was asked. */
const HOST_OF_FAKE = 'x-vendor-host'

/** Connects to what may be connected to, and to nothing else. */
export interface GuardedWeb {
  /** Throws what says in its message why a URL is none of these. */
  read(text: string, base?: URL): URL
  /** For one request: it can reach the addresses that were checked for this URL. */
  agentFor(url: URL, signal: AbortSignal): Promise<Agent>
}

export interface VendorDoor {
  /** For people. */
  vendor: string
  hosts: VendorHosts
  credentials: VendorCredentials
  /** Sent with every request that is authenticated. */
  headers?: Record<string, string>
  web: GuardedWeb
  /** The origin of a fake on this machine that is asked instead of the vendor, whatever the host. */
  fake?: URL | null
}

interface Exchange {
  signal: AbortSignal
  timeoutMs: number
}

type Options = Pick<Dispatcher.RequestOptions, 'method' | 'body'> & {
  headers: Record<string, string>
}

/** Reaches one vendor at its declared hosts, one connection for each request. */
export class GuardedVendorHttp extends VendorHttp {
  readonly #door: VendorDoor

  constructor(door: VendorDoor) {
    super()
    this.#door = door
  }

  async send(asked: VendorRequest): Promise<VendorResponse> {
    const { vendor, hosts, credentials } = this.#door
    const url = this.#read(asked.url, hosts.api)
    const headers = { ...lower(asked.headers), ...(await this.#identity()) }
    const options = { method: asked.method, headers, ...encoded(asked.body) }
    if (asked.body && 'json' in asked.body) headers['content-type'] = 'application/json'
    return this.#exchange(asked, url, options, async ({ statusCode, headers: told, body }) => {
      const bytes = await this.#drain(body, told, asked.maxBytes ?? LARGEST_ANSWER)
      const said = statusCode >= 400 ? credentials.hide(bytes) : bytes
      return new Answer(vendor, statusCode, headersOf(told), said)
    })
  }

  async download(asked: VendorDownload): Promise<VendorFile> {
    const { vendor, hosts } = this.#door
    const within = AbortSignal.timeout(asked.timeoutMs)
    const exchange = { ...asked, signal: AbortSignal.any([asked.signal, within]) }
    let url = this.#read(asked.url, [...hosts.assets, ...hosts.api])
    const first = url.host
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const isKnown = url.host === first || isOneOf(url.hostname, hosts.api)
      const headers = {
        ...(url.host === first && lower(asked.headers)),
        ...(asked.authed && isKnown && (await this.#identity())),
      }
      const found = await this.#timely(asked, within, () =>
        this.#exchange(exchange, url, { method: 'GET', headers }, async (answer) => {
          const { statusCode, headers: told, body } = answer
          if (REDIRECTS.includes(statusCode) && told.location) return String(told.location)
          if (statusCode !== 200) throw new VendorDownloadFailed(vendor, statusCode)
          const bytes = await this.#drain(body, told, asked.maxBytes)
          return { bytes, contentType: headersOf(told)['content-type'] ?? '' }
        })
      )
      if (typeof found !== 'string') return found
      url = this.#read(found, [...hosts.assets, ...hosts.api], url)
    }
    throw new VendorDownloadFailed(vendor, null)
  }

  /** All hops together have the time that was given. */
  async #timely<T>({ signal, timeoutMs }: Exchange, within: AbortSignal, step: () => Promise<T>) {
    try {
      return await step()
    } catch (error) {
      if (within.aborted && !signal.aborted) throw new VendorTimeout(this.#door.vendor, timeoutMs)
      throw error
    }
  }

  async #identity(): Promise<Record<string, string>> {
    const { credentials, headers } = this.#door
    return { ...lower(headers), ...(await credentials.headers()) }
  }

  /** The URL to ask, once it is known to be one of these hosts. */
  #read(text: string, hosts: string[], base?: URL): URL {
    const { vendor, web, fake } = this.#door
    const named = URL.parse(text, base?.href)
    if (!named) throw new VendorHostRefused(vendor, 'what it was to be asked at is no URL.')
    if (fake && named.origin === fake.origin) return named
    if (named.protocol !== 'https:') {
      throw new VendorHostRefused(vendor, 'its URL does not begin with https://.')
    }
    if (!isOneOf(named.hostname, hosts)) {
      throw new VendorHostRefused(
        vendor,
        `${named.hostname} is none of its hosts. Add it to "hosts" in the plugin's manifest.`
      )
    }
    if (fake) return named
    try {
      return web.read(named.href)
    } catch (error) {
      throw new VendorHostRefused(vendor, (error as Error).message)
    }
  }

  async #exchange<Result>(
    { signal, timeoutMs }: Exchange,
    named: URL,
    { headers, ...options }: Options,
    read: (answer: Dispatcher.ResponseData) => Promise<Result>
  ): Promise<Result> {
    signal.throwIfAborted()
    const { vendor, web, fake } = this.#door
    const url = fake ? new URL(named.pathname + named.search, fake) : named
    const timeout = AbortSignal.timeout(timeoutMs)
    const stop = AbortSignal.any([signal, timeout])
    const agent = await this.#agentFor(web, url, stop).catch((error) => {
      signal.throwIfAborted()
      throw error
    })
    let sent = false
    agent.once('connect', () => (sent = true))
    try {
      const answer = await request(url, {
        ...options,
        dispatcher: agent,
        signal: stop,
        headersTimeout: timeoutMs,
        bodyTimeout: Math.min(timeoutMs, SILENCE_MS),
        headers: {
          'accept-encoding': 'identity',
          'user-agent': 'DayGen',
          ...headers,
          ...(fake && { [HOST_OF_FAKE]: named.host }),
        },
      })
      return await read(answer)
    } catch (error) {
      signal.throwIfAborted()
      if (isOurs(error)) throw error
      const { code } = error as { code?: string }
      const isLate =
        timeout.aborted || code === 'UND_ERR_BODY_TIMEOUT' || code === 'UND_ERR_HEADERS_TIMEOUT'
      if (isLate && sent) throw new VendorTimeout(vendor, timeoutMs)
      throw new VendorUnreachable(vendor, { sent, reason: isLate ? 'ETIMEDOUT' : wordOf(error) })
    } finally {
      await agent.destroy()
    }
  }

  async #agentFor(web: GuardedWeb, url: URL, signal: AbortSignal): Promise<Agent> {
    const { vendor } = this.#door
    try {
      return await web.agentFor(url, signal)
    } catch (error) {
      if ('refusal' in (error as object)) {
        throw new VendorHostRefused(vendor, (error as Error).message)
      }
      const reason = signal.aborted ? 'ETIMEDOUT' : wordOf(error)
      throw new VendorUnreachable(vendor, { sent: false, reason })
    }
  }

  async #drain(
    body: Dispatcher.ResponseData['body'],
    headers: Dispatcher.ResponseData['headers'],
    maxBytes: number
  ): Promise<Uint8Array> {
    const tooLarge = () => new VendorAnswerTooLarge(this.#door.vendor, maxBytes)
    if (Number(headers['content-length']) > maxBytes) throw tooLarge()
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) throw tooLarge()
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, size)
  }
}

/** Whether a host is one of these names, `*.example.com` being all below one. */
function isOneOf(hostname: string, names: string[]): boolean {
  return names.some((name) =>
    name.startsWith('*.') ? hostname.endsWith(name.slice(1)) : hostname === name
  )
}

function encoded(body: VendorBody | undefined): Pick<Options, 'body'> {
  if (!body) return {}
  if ('json' in body) return { body: JSON.stringify(body.json) }
  const form = new FormData()
  for (const [name, value] of body.form) {
    if (typeof value === 'string') form.append(name, value)
    else {
      const file = new Blob([new Uint8Array(value.bytes)], { type: value.contentType })
      form.append(name, file, value.filename)
    }
  }
  return { body: form }
}

function lower(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  )
}

function isOurs(error: unknown): boolean {
  return String((error as { code?: string }).code).startsWith('E_VENDOR_')
}

/** The code and no more: a message of the network names addresses, and may repeat a header. */
function wordOf(error: unknown): string {
  return (error as { code?: string }).code ?? 'unknown error'
}
