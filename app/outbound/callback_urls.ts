import settings from '#config/webhooks'
import { PublicWeb, UrlRefused, type PublicWebOptions } from './public_web.js'

const LOOK_UP_MS = 3_000

export interface CallbackRefusal {
  type: 'webhook_url_invalid' | 'webhook_url_not_public' | 'webhook_url_unresolvable'
  message: string
}

/** Protocols, each at any port. */
const ENCRYPTED = { 'https:': null }
const ANY = { 'https:': null, 'http:': null }

/** Where a stranger may have us call back: checked when it is named, and again at every call. */
export class CallbackUrls {
  readonly #options: Partial<PublicWebOptions>

  /** Tests give it a resolver. */
  constructor(options: Partial<PublicWebOptions> = {}) {
    this.#options = options
  }

  get web(): PublicWeb {
    const { allowPrivate, connectTimeout } = settings
    return new PublicWeb({
      ports: allowPrivate ? ANY : ENCRYPTED,
      connectTimeoutMs: connectTimeout,
      ...(allowPrivate && { allow: () => true }),
      ...this.#options,
    })
  }

  /** What is wrong with a URL, or `null`. */
  async check(text: string): Promise<CallbackRefusal | null> {
    try {
      await this.web.addressesOf(this.web.read(text), AbortSignal.timeout(LOOK_UP_MS))
      return null
    } catch (error) {
      if (error instanceof UrlRefused)
        return { ...error.refusal, type: `webhook_${error.refusal.type}` }
      return {
        type: 'webhook_url_unresolvable',
        message: 'The name in the URL could not be resolved. Check its spelling.',
      }
    }
  }
}
