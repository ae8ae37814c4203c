import { TERMINAL_EVENTS } from '#core/streams/streams'
import type { PostgresStreams } from './postgres_streams.js'

/** What is used of Transmit. */
interface Broadcaster {
  broadcast(channel: string, payload: Record<string, string | number>): void
  getSubscribersFor(channel: string): string[]
}

/** The channel of one job. Only the members of its organisation and operators may hear it. */
export const jobChannel = (accountId: string, jobId: string) => `orgs/${accountId}/jobs/${jobId}`

/**
 * Broadcasts new events to the browsers of this process. Each event goes out once per
 * process, in order; who comes late reads the rows and drops what it has seen.
 */
export class TransmitFanout {
  readonly #sent = new Map<string, number>()
  readonly #busy = new Map<string, Promise<void>>()

  constructor(
    private readonly transmit: Broadcaster,
    private readonly streams: PostgresStreams
  ) {}

  start() {
    return this.streams.onAnnounced((accountId, jobId) => {
      const channel = jobChannel(accountId, jobId)
      if (this.transmit.getSubscribersFor(channel).length === 0) return
      const queued = this.#busy.get(channel) ?? Promise.resolve()
      const next = queued
        .then(() => this.#send(channel, accountId, jobId))
        .catch(() => {})
        .finally(() => this.#busy.get(channel) === next && this.#busy.delete(channel))
      this.#busy.set(channel, next)
    })
  }

  async #send(channel: string, accountId: string, jobId: string) {
    for (const event of await this.streams.read(accountId, jobId, this.#sent.get(channel) ?? 0)) {
      this.transmit.broadcast(channel, {
        seq: event.seq,
        type: event.type,
        data: JSON.stringify(event.data),
        created_at: event.createdAt.toISOString(),
      })
      if (TERMINAL_EVENTS.has(event.type)) this.#sent.delete(channel)
      else this.#sent.set(channel, event.seq)
    }
  }
}
