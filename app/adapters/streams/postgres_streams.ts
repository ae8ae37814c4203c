import { setTimeout as wait } from 'node:timers/promises'
import { Streams, TERMINAL_EVENTS, type JobEvent } from '#core/streams/streams'
import type { Bus } from '#adapters/bus/bus'
import type { Sql } from '#adapters/postgres/sql'

interface EventRow {
  seq: number
  type: string
  data: Record<string, unknown>
  created_at: Date
}

const TOPIC = 'events'
/** How long a follower trusts the silence. */
const LOOK_AGAIN_MS = 5_000
const PAGE = 200

/** Events are rows; the bus says that there are new ones. */
export class PostgresStreams extends Streams {
  constructor(
    private readonly sql: Sql,
    private readonly bus: Bus
  ) {
    super()
  }

  announce(accountId: string, jobId: string) {
    this.bus.publish(TOPIC, `${accountId} ${jobId}`)
  }

  onAnnounced(listener: (accountId: string, jobId: string) => void) {
    return this.bus.subscribe(TOPIC, (word) => {
      const [accountId, jobId] = word.split(' ')
      listener(accountId, jobId)
    })
  }

  async read(accountId: string, jobId: string, afterSeq: number, limit = PAGE) {
    const rows = await this.sql.rows<EventRow>(
      `select seq, type, data, created_at from job_events
       where account_id = $1 and job_id = $2 and seq > $3 order by seq limit $4`,
      [accountId, jobId, afterSeq, limit]
    )
    return rows.map((row): JobEvent => ({
      accountId,
      jobId,
      seq: row.seq,
      type: row.type,
      data: row.data,
      createdAt: row.created_at,
    }))
  }

  async *follow(
    accountId: string,
    jobId: string,
    { afterSeq, signal }: { afterSeq: number; signal: AbortSignal }
  ): AsyncIterable<JobEvent> {
    const bell = new Bell()
    const stop = this.onAnnounced((account, job) => {
      if (account === accountId && job === jobId) bell.ring()
    })
    try {
      for (let seq = afterSeq; !signal.aborted;) {
        // Silenced before the look, so that a word during the look is not lost.
        bell.silence()
        const events = await this.read(accountId, jobId, seq)
        for (const event of events) {
          seq = event.seq
          yield event
          if (TERMINAL_EVENTS.has(event.type)) return
        }
        if (events.length < PAGE) await bell.heard(LOOK_AGAIN_MS, signal)
      }
    } finally {
      stop()
    }
  }
}

/** Remembers that it rang until somebody has listened. */
class Bell {
  #rang = false
  #wake = () => {}

  ring() {
    this.#rang = true
    this.#wake()
  }

  silence() {
    this.#rang = false
  }

  async heard(atMost: number, signal: AbortSignal) {
    if (this.#rang || signal.aborted) return
    const done = new AbortController()
    const rung = new Promise<void>((resolve) => (this.#wake = resolve))
    const given = AbortSignal.any([signal, done.signal])
    await Promise.race([rung, wait(atMost, undefined, { signal: given }).catch(() => {})])
    done.abort()
  }
}
