import { once } from 'node:events'
import type { HttpContext } from '@adonisjs/core/http'
import type { Holder } from '#core/streams/cuts'
import { openStreams, sessionHolder, type OpenStream } from '#app/identity/open_streams'

/** Whoever stays signed in comes back by itself. */
const LONGEST_MS = 12 * 3_600_000

interface LiveStream extends OpenStream {
  closed: Promise<unknown>
}

/** The live streams of the console in this process, by the names that browsers gave them. */
class LiveStreams {
  readonly #byName = new Map<string, LiveStream>()

  /** Whether the name is free, or of the same session. */
  isFor(uid: string, holder: Holder): boolean {
    const known = this.#byName.get(uid)
    return !known || known.holder === holder
  }

  has(uid: string): boolean {
    return this.#byName.has(uid)
  }

  /** Gives the name to the answer of this request, until that is closed. Throws when there are too many. */
  async open(uid: string, { auth, response, session }: HttpContext) {
    // A browser that comes back is sooner than the end of what it left.
    await this.#endOf(uid)
    const answer = response.response
    const stream: LiveStream = {
      holder: sessionHolder(session.sessionId),
      orgId: null,
      userId: auth.use('web').getUserOrFail().id,
      until: new Date(Date.now() + LONGEST_MS),
      end: () => answer.destroy(),
      closed: once(answer, 'close'),
    }
    openStreams.enter(stream)
    this.#byName.set(uid, stream)
    answer.once('close', () => {
      openStreams.leave(stream)
      if (this.#byName.get(uid) === stream) this.#byName.delete(uid)
    })
  }

  end(uid: string) {
    this.#byName.get(uid)?.end()
  }

  async #endOf(uid: string) {
    const stream = this.#byName.get(uid)
    stream?.end()
    await stream?.closed
  }
}

export const liveStreams = new LiveStreams()
