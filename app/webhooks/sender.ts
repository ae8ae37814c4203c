import { inject } from '@adonisjs/core'
import { request, type Dispatcher } from 'undici'
import settings from '#config/webhooks'
import { CallbackUrls } from '#app/outbound/callback_urls'
import { UrlRefused } from '#app/outbound/public_web'

export interface Answer {
  /** `null` where none came. */
  status: number | null
  /** Why it was not taken, for people; `null` where it was. */
  error: string | null
  /** The first bytes of what was answered. */
  response: string | null
  durationMs: number
}

/** Posts to where a stranger says. Follows nothing, waits for nobody, reads little. */
@inject()
export class WebhookSender {
  constructor(private readonly urls: CallbackUrls) {}

  async post(
    target: string,
    message: { body: string; headers: Record<string, string> },
    stop: AbortSignal
  ): Promise<Answer> {
    const began = performance.now()
    const timeout = AbortSignal.timeout(settings.timeout)
    const signal = AbortSignal.any([stop, timeout])
    try {
      const answer = await this.#exchange(target, message, signal)
      return { ...answer, durationMs: Math.round(performance.now() - began) }
    } catch (error) {
      stop.throwIfAborted()
      return {
        status: null,
        response: null,
        error: timeout.aborted ? LATE : reason(error),
        durationMs: Math.round(performance.now() - began),
      }
    }
  }

  async #exchange(
    target: string,
    { body, headers }: { body: string; headers: Record<string, string> },
    signal: AbortSignal
  ): Promise<Omit<Answer, 'durationMs'>> {
    const url = this.urls.web.read(target)
    const dispatcher = await this.urls.web.agentFor(url, signal)
    try {
      const { statusCode, body: answer } = await request(url, {
        dispatcher,
        signal,
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          'accept-encoding': 'identity',
          'user-agent': 'DayGen-Webhooks',
          ...headers,
        },
      })
      return { status: statusCode, error: failure(statusCode), response: await opening(answer) }
    } finally {
      await dispatcher.destroy()
    }
  }
}

const LATE = `No answer came within ${settings.timeout / 1000} seconds.`

function failure(status: number): string | null {
  if (status >= 200 && status < 300) return null
  if (status >= 300 && status < 400) {
    return `Answered ${status}. Redirects are not followed: give the URL that takes webhooks itself.`
  }
  if (status === 410) return 'Answered 410 Gone.'
  return `Answered ${status}. It must answer 2xx.`
}

/** The status has said what came of it: an answer that breaks off or never ends changes nothing. */
async function opening(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let read = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      read += chunk.length
      if (read >= settings.answer.read) break
    }
  } catch {
    // What was read until then is what there is.
  }
  const text = Buffer.concat(chunks).subarray(0, settings.answer.kept).toString('utf8')
  return text.replaceAll('\0', '\uFFFD')
}

/** The code and no more: a message of the network names addresses. */
function reason(error: unknown): string {
  if (error instanceof UrlRefused) return error.message
  const { code = 'unknown error' } = error as { code?: string }
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return 'No connection came about in time.'
  return `The URL could not be reached (${code}).`
}
