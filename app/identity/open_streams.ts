import { hash } from 'node:crypto'
import type { Cuts, Holder } from '#core/streams/cuts'
import settings from '#config/streams'
import { ApiProblem } from '#app/exceptions/api_problem'
import { keyRing } from '#app/identity/key_ring'
import { welcomeHoldersQuery } from '#app/identity/queries/welcome_holders_query'

export interface OpenStream {
  /** What opened it: it counts for this one, and ends with it. */
  holder: Holder | `link:${string}`
  /** Whose events are told; `null` for an operator, who may hear all. */
  orgId: string | null
  /** Whose right the link rests on that opened it. */
  keyId?: string
  /** Behind a session. */
  userId?: string
  /** When the right to listen ends. */
  until?: Date
  end(): void
}

/**
 * Every stream of this process, of the API and of the console. Bounds them, and ends those whose
 * key is revoked or whose session is over: at once by the word between processes, and where that
 * is lost, soon, by looking.
 */
class OpenStreams {
  readonly #open = new Set<OpenStream>()
  readonly #counts = new Map<string, number>()
  #cuts: Cuts | null = null
  #watch: NodeJS.Timeout | null = null

  get size(): number {
    return this.#open.size
  }

  /** Hears of cuts elsewhere, and tells of those here. */
  connect(cuts: Cuts) {
    this.#cuts = cuts
    cuts.hear((holder) => this.#end(holder))
  }

  /** Counts a stream until `leave`. Throws when there are too many. */
  enter(stream: OpenStream) {
    const { perHolder, perOrganisation } = settings
    this.#refuseMore(stream.holder, perHolder, 'key')
    if (stream.orgId) this.#refuseMore(stream.orgId, perOrganisation, 'organisation')
    this.#open.add(stream)
    for (const subject of subjectsOf(stream)) {
      this.#counts.set(subject, this.#countOf(subject) + 1)
    }
    this.#watch ??= setInterval(() => this.look(), settings.lookAgain).unref()
  }

  leave(stream: OpenStream) {
    if (!this.#open.delete(stream)) return
    for (const subject of subjectsOf(stream)) {
      const left = this.#countOf(subject) - 1
      if (left > 0) this.#counts.set(subject, left)
      else this.#counts.delete(subject)
    }
  }

  /** Ends all that rest on it, in every process. */
  cut(holder: Holder) {
    this.#end(holder)
    this.#cuts?.tell(holder)
  }

  /** This process is going away; readers come back to another. */
  endAll() {
    for (const stream of this.#open) stream.end()
  }

  #end(holder: Holder) {
    if (holder.startsWith('key:')) keyRing.forget(holder.slice('key:'.length))
    for (const stream of this.#open) if (restsOn(stream, holder)) stream.end()
  }

  /** Whether somebody who comes may listen: what they come by may have ended since it was told. */
  async isWelcome(listener: Omit<OpenStream, 'end'>): Promise<boolean> {
    const isWelcome = await welcomeHoldersQuery([listener])
    return isWelcome(listener)
  }

  /** Ends those who may listen no more. By the clock, for what was not told. */
  async look() {
    if (this.#open.size === 0) {
      clearInterval(this.#watch!)
      this.#watch = null
      return
    }
    const now = new Date()
    for (const stream of this.#open) if (stream.until && stream.until < now) stream.end()
    // A database that is away has revoked nobody.
    const isWelcome = await welcomeHoldersQuery([...this.#open]).catch(() => () => true)
    for (const stream of this.#open) if (!isWelcome(stream)) stream.end()
  }

  #refuseMore(subject: string, limit: number, scope: 'key' | 'organisation') {
    const open = this.#countOf(subject)
    if (open < limit) return
    throw new ApiProblem({
      status: 429,
      type: 'rate_limit_error',
      code: 'too_many_streams',
      message: `This ${scope} has ${open} streams open, and may have ${limit}. Close those that nobody reads; GET /v1/events tells of all generations on one stream.`,
      retryable: true,
      facts: { limit: { scope, limit, used: open } },
      headers: { 'Retry-After': '5' },
    })
  }

  #countOf(subject: string): number {
    return this.#counts.get(subject) ?? 0
  }
}

export const openStreams = new OpenStreams()

/** A session by its digest: the word for it goes to other processes, its id should not. */
export function sessionHolder(sessionId: string): Holder {
  return `session:${hash('sha256', sessionId, 'base64url')}`
}

function restsOn({ holder, keyId }: OpenStream, on: Holder): boolean {
  return holder === on || (keyId !== undefined && on === `key:${keyId}`)
}

function subjectsOf({ holder, orgId }: OpenStream): string[] {
  return orgId ? [holder, orgId] : [holder]
}
