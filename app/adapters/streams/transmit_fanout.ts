import { TERMINAL_EVENTS } from '#core/streams/streams'
import type { PostgresStreams } from './postgres_streams.js'

/** What is used of Transmit. */
interface Broadcaster {
  broadcast(channel: string, payload: Record<string, string | number>): void
  getManager(): { findByChannel(channel: string): Set<Subscriber> }
}

interface Subscriber {
  getUid(): string
  /** In messages: they pile up once the connection has taken what it can, about 64 kB. */
  writableLength: number
}

/** A browser that lets more messages wait than these is cut. */
const LARGEST_BACKLOG = 16

/** The channel of one job. Only the members of its organisation and operators may hear it. */
export const jobChannel = (accountId: string, jobId: string) => `orgs/${accountId}/jobs/${jobId}`

/**
 * Broadcasts new events to the browsers of this process. Each event goes out once per
 * process, in order; who comes late reads the rows and drops what it has seen.
 */
export class TransmitFanout {
  readonly #sent = new Map<string, number>()
  readonly #busy = new Map<string, Promise<void>>()

  /** `cut` ends the stream of a browser that does not read. */
  constructor(
    private readonly transmit: Broadcaster,
    private readonly streams: PostgresStreams,
    private readonly cut: (uid: string) => void
  ) {}

  start() {
    return this.streams.onAnnounced((accountId, jobId) => {
      const channel = jobChannel(accountId, jobId)
      if (this.#subscribers(channel).size === 0) {
        this.#sent.delete(channel)
        return
      }
      const queued = this.#busy.get(channel) ?? Promise.resolve()
      const next = queued
        .then(() => this.#send(channel, accountId, jobId))
        .catch(() => {})
        .finally(() => this.#busy.get(channel) === next && this.#busy.delete(channel))
      this.#busy.set(channel, next)
    })
  }

  async #send(channel: string, accountId: string, jobId: string) {
    const events = await this.streams.read(accountId, jobId, this.#sent.get(channel) ?? 0)
    for (const event of events) {
      this.transmit.broadcast(channel, {
        seq: event.seq,
        type: event.type,
        data: JSON.stringify(event.data),
        created_at: event.createdAt.toISOString(),
      })
      if (TERMINAL_EVENTS.has(event.type)) this.#sent.delete(channel)
      else this.#sent.set(channel, event.seq)
      this.#cutBehind(channel)
    }
    if (events.length > 0 && this.#sent.has(channel)) await this.#send(channel, accountId, jobId)
  }

  #cutBehind(channel: string) {
    for (const subscriber of this.#subscribers(channel)) {
      if (subscriber.writableLength > LARGEST_BACKLOG) this.cut(subscriber.getUid())
    }
  }

  #subscribers(channel: string): Set<Subscriber> {
    return this.transmit.getManager().findByChannel(channel)
  }
}
