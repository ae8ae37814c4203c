import {
  Streams,
  TERMINAL_EVENTS,
  type AccountPage,
  type JobEvent,
  type Place,
} from '#core/streams/streams'
import type { Bus } from '#adapters/bus/bus'
import type { Sql } from '#adapters/postgres/sql'
import { Watches } from './watches.js'

interface EventRow {
  seq: number
  type: string
  data: Record<string, unknown>
  created_at: Date
}

/** Without an event all but the first two are null. */
interface AccountRow extends EventRow {
  horizon: string
  early: boolean
  xid: string | null
  job_id: string
  kind: string
}

const TOPIC = 'events'
/** How long the silence of the bus is trusted. */
const LOOK_AGAIN_MS = 5_000
const PAGE = 200
/** How soon to look for what waits for an open transaction, and how late when that stays open. */
const EARLY_MS = 20
const EARLY_AT_MOST_MS = 1_000

/** Events are rows; the bus says that there are new ones. */
export class PostgresStreams extends Streams {
  readonly beginning = '0..0'
  readonly #jobs = new Watches()
  readonly #accounts = new Watches()
  readonly #listeners = new Set<(accountId: string, jobId: string) => void>()
  #lookout: NodeJS.Timeout | null = null

  constructor(
    private readonly sql: Sql,
    private readonly bus: Bus
  ) {
    super()
    bus.subscribe(TOPIC, (word) => {
      const [accountId, jobId] = word.split(' ')
      this.#jobs.ring(word)
      this.#accounts.ring(accountId)
      for (const listener of this.#listeners) listener(accountId, jobId)
    })
  }

  announce(accountId: string, jobId: string) {
    this.bus.publish(TOPIC, subjectOf(accountId, jobId))
  }

  onAnnounced(listener: (accountId: string, jobId: string) => void) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async read(accountId: string, jobId: string, afterSeq: number, limit = PAGE) {
    const rows = await this.sql.rows<EventRow>(
      `select seq, type, data, created_at from job_events
       where account_id = $1 and job_id = $2 and seq > $3 order by seq limit $4`,
      [accountId, jobId, afterSeq, limit]
    )
    return rows.map((row) => eventOf(accountId, jobId, row))
  }

  async *follow(
    accountId: string,
    jobId: string,
    { afterSeq, signal }: { afterSeq: number; signal: AbortSignal }
  ): AsyncIterable<JobEvent> {
    this.#keepLookout()
    const { watch, bell, leave } = this.#jobs.enter(subjectOf(accountId, jobId), signal)
    bell.seen = afterSeq
    try {
      for (let seq = afterSeq; !signal.aborted;) {
        // Silenced before the look, so that a word during the look is not lost.
        bell.silence()
        const from = seq
        const events = await watch.share(String(from), () => this.read(accountId, jobId, from))
        for (const event of events) {
          if (signal.aborted) return
          bell.seen = seq = event.seq
          yield event
          if (TERMINAL_EVENTS.has(event.type)) return
        }
        if (events.length < PAGE && !signal.aborted) await bell.heard()
      }
    } finally {
      leave()
    }
  }

  async now(): Promise<Place> {
    const { horizon } = await this.sql.row<{ horizon: string }>(
      'select pg_snapshot_xmin(pg_current_snapshot())::text as horizon'
    )
    return `${horizon}..0`
  }

  async *followAccount(
    accountId: string,
    { after, signal }: { after: Place; signal: AbortSignal }
  ): AsyncIterable<AccountPage> {
    this.#keepLookout()
    const { watch, bell, leave } = this.#accounts.enter(accountId, signal)
    let pause = EARLY_MS
    try {
      for (let place = after; !signal.aborted;) {
        bell.silence()
        const from = place
        const page = await watch.share(from, () => this.#readAccount(accountId, from))
        place = page.place
        if (signal.aborted) return
        yield page
        // There is more, which is told once what began before it has ended.
        if (page.early) watch.ringIn(pause)
        pause = page.early ? Math.min(pause * 2, EARLY_AT_MOST_MS) : EARLY_MS
        if (page.events.length < PAGE && !signal.aborted) await bell.heard()
      }
    } finally {
      leave()
    }
  }

  async #readAccount(accountId: string, after: Place): Promise<AccountPage & { early: boolean }> {
    const [xid, job, seq] = after.split('.')
    const rows = await this.sql.rows<AccountRow>(
      'select * from job_events_after($1, $2::xid8, $3, $4, $5)',
      [accountId, xid, job, Number(seq), PAGE]
    )
    const events = rows
      .filter((row) => row.xid !== null)
      .map((row) => ({
        event: eventOf(accountId, row.job_id, row),
        kind: row.kind,
        place: `${row.xid}.${row.job_id}.${row.seq}`,
      }))
    // A page that is not full was all below the horizon.
    const isWhole = events.length < PAGE
    return {
      events,
      place: isWhole ? `${rows[0].horizon}..0` : events.at(-1)!.place,
      early: rows[0].early,
    }
  }

  /** Looks for what nobody announced, while somebody follows. */
  #keepLookout() {
    this.#lookout ??= setInterval(() => {
      if (this.#jobs.isEmpty && this.#accounts.isEmpty) {
        clearInterval(this.#lookout!)
        this.#lookout = null
        return
      }
      for (const accountId of this.#accounts.subjects) this.#accounts.ring(accountId)
      // A database that is away is missed by those who read, not here.
      this.#ringJobs().catch(() => {})
    }, LOOK_AGAIN_MS).unref()
  }

  /** One question for all jobs that are followed. */
  async #ringJobs() {
    const followed = [...this.#jobs.slowest()]
    if (followed.length === 0) return
    const subjects = followed.map(([subject]) => subject.split(' '))
    const rows = await this.sql.rows<{ account_id: string; id: string }>(
      `select j.account_id, j.id from unnest($1::text[], $2::text[], $3::integer[]) f (account, job, seen)
       join jobs j on j.account_id = f.account and j.id = f.job where j.event_seq > f.seen`,
      [
        subjects.map(([accountId]) => accountId),
        subjects.map(([, jobId]) => jobId),
        followed.map(([, seen]) => seen),
      ]
    )
    for (const { account_id: accountId, id } of rows) this.#jobs.ring(subjectOf(accountId, id))
  }
}

const subjectOf = (accountId: string, jobId: string) => `${accountId} ${jobId}`

function eventOf(accountId: string, jobId: string, row: EventRow): JobEvent {
  return {
    accountId,
    jobId,
    seq: row.seq,
    type: row.type,
    data: row.data,
    createdAt: row.created_at,
  }
}
