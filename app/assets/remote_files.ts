import { request } from 'undici'
import settings from '#config/assets'
import { PublicWeb, UrlRefused, type PublicWebOptions } from '#app/outbound/public_web'
import { refuse, type FileRefusal } from './file_refusal.js'
import { TemporaryFile } from './temporary_file.js'

const REDIRECTS = [301, 302, 303, 307, 308]

export interface FetchRefusal {
  type: 'url_invalid' | 'url_not_public' | 'fetch_failed' | 'fetch_timed_out'
  message: string
}

export type Fetched =
  { ok: true; file: TemporaryFile } | { ok: false; refusal: FetchRefusal | FileRefusal }

export interface RemoteFilesOptions extends PublicWebOptions {
  maxRedirects: number
  totalTimeoutMs: number
}

/** Fetches what a stranger names by URL. Each hop is checked as the first was. */
export class RemoteFiles {
  readonly #options: Pick<RemoteFilesOptions, 'maxRedirects' | 'totalTimeoutMs'>
  readonly #web: PublicWeb

  /** Tests give it a resolver and an address of this machine; nothing that is configured can. */
  constructor(options: Partial<RemoteFilesOptions> = {}) {
    const all = { ...settings.fetching, ...options }
    this.#options = all
    this.#web = new PublicWeb(all)
  }

  async fetch(url: string, { maxBytes }: { maxBytes: number }): Promise<Fetched> {
    const signal = AbortSignal.timeout(this.#options.totalTimeoutMs)
    try {
      return await this.#follow(url, maxBytes, signal)
    } catch (error) {
      if (error instanceof NotFetched) return { ok: false, refusal: error.refusal }
      if (error instanceof UrlRefused) return { ok: false, refusal: unreachable(error) }
      return { ok: false, refusal: signal.aborted ? timedOut() : failed(error) }
    }
  }

  async #follow(first: string, maxBytes: number, signal: AbortSignal): Promise<Fetched> {
    let url = this.#web.read(first)
    for (let hop = 0; hop <= this.#options.maxRedirects; hop++) {
      const answer = await this.#get(url, maxBytes, signal)
      if (!('location' in answer)) return answer
      url = this.#web.read(answer.location, url)
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
    const agent = await this.#web.agentFor(url, signal)
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
}

/** Ends the story of a fetch from anywhere inside it. Does not leave this file. */
class NotFetched extends Error {
  readonly refusal: FetchRefusal

  constructor(type: FetchRefusal['type'], message: string) {
    super(message)
    this.refusal = { type, message }
  }
}

function unreachable({ refusal: { type, message } }: UrlRefused): FetchRefusal {
  const mend = type === 'url_not_public' ? ' Upload the file to /v1/uploads instead.' : ''
  return { type, message: message + mend }
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
