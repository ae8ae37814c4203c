import { randomUUID } from 'node:crypto'
import type { Logger } from '@adonisjs/core/logger'
import pg from 'pg'
import { Bus } from './bus.js'

const CHANNEL = 'daygen'
/**
 * After a NOTIFY the next words wait this long for company: one for each would slow the commits down.
 * With 8 commits at once that each say a word, 20 ms carried no more of them than 5, and told the
 * others after 14 ms instead of 5.
 */
const COALESCE_MS = 5
const RECONNECT_MS = 1_000
/** NOTIFY carries less than 8,000 bytes. */
const LARGEST_BATCH = 100

/** LISTEN and NOTIFY on a connection of its own, after the commits they speak of. */
export class PostgresBus extends Bus {
  readonly #process = randomUUID()
  readonly #waiting = new Set<string>()
  #client: pg.Client | null = null
  #timer: NodeJS.Timeout | null = null
  #sent: Promise<void> = Promise.resolve()
  #closed = false

  constructor(
    private readonly url: string,
    private readonly logger: Logger
  ) {
    super()
  }

  async connect() {
    const client = new pg.Client({ connectionString: this.url, application_name: 'daygen bus' })
    client.on('error', () => {})
    client.on('notification', ({ payload }) => this.#receive(payload ?? ''))
    try {
      await client.connect()
      await client.query(`listen ${CHANNEL}`)
    } catch (error) {
      client.end().catch(() => {})
      throw error
    }
    // Only from here on: a connection that never was ends as well, and its caller knows.
    client.on('end', () => this.#reconnect())
    this.#client = client
  }

  async close() {
    this.#closed = true
    if (this.#timer) clearTimeout(this.#timer)
    // The last words are said, a command's only ones perhaps.
    this.#flush()
    if (this.#timer) clearTimeout(this.#timer)
    await this.#sent
    await this.#client?.end().catch(() => {})
    this.#client = null
  }

  protected send(topic: string, message: string) {
    this.#waiting.add(`${topic} ${message}`)
    // The first after a silence waits only for those of its own moment.
    this.#timer ??= setTimeout(() => this.#flush(), 0)
  }

  #flush() {
    this.#timer = this.#waiting.size > 0 ? setTimeout(() => this.#flush(), COALESCE_MS) : null
    const words = [...this.#waiting]
    this.#waiting.clear()
    for (let start = 0; start < words.length; start += LARGEST_BATCH) {
      const payload = [this.#process, ...words.slice(start, start + LARGEST_BATCH)].join('\n')
      // One after the other: a connection takes no second query while it runs the first.
      this.#sent = this.#sent.then(() => this.#notify(payload))
    }
  }

  async #notify(payload: string) {
    try {
      await this.#client?.query('select pg_notify($1, $2)', [CHANNEL, payload])
    } catch (error) {
      this.logger.debug({ err: error }, 'a word to the other processes was lost')
    }
  }

  #receive(payload: string) {
    // What this process says comes back to it, too.
    if (payload.startsWith(this.#process)) return
    const [, ...words] = payload.split('\n')
    for (const word of words) {
      const space = word.indexOf(' ')
      this.deliver(word.slice(0, space), word.slice(space + 1))
    }
  }

  #reconnect() {
    this.#client = null
    if (this.#closed) return
    setTimeout(() => {
      if (this.#closed) return
      this.connect().catch((error) => {
        this.logger.warn(
          { err: error },
          'the listening connection to Postgres is down, trying again'
        )
        this.#reconnect()
      })
    }, RECONNECT_MS).unref()
  }
}
