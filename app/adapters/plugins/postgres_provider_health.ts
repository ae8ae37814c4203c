import type { Actor } from '#core/ledger/types'
import { PLATFORM } from '#core/notices/notices'
import { causeOf, FailureRate } from '#core/plugins/failure_rate'
import {
  isResting,
  ProviderHealth,
  type Circuit,
  type CircuitCause,
} from '#core/plugins/provider_health'
import type { ErrorClass } from '#core/queue/types'
import type { Bus } from '#adapters/bus/bus'
import { json, type Sql } from '#adapters/postgres/sql'

const TOPIC = 'provider_circuits'
/** A word of the bus can be lost; then a circuit is seen this much later. */
const LOOK_MS = 5_000
/** How long a provider rests the first time; twice as long after each try that failed. */
const REST_MS: Record<CircuitCause, { first: number; longest: number }> = {
  failures: { first: 15_000, longest: 300_000 },
  provider_auth: { first: 60_000, longest: 900_000 },
  provider_balance: { first: 60_000, longest: 900_000 },
}

interface Logger {
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** What came of late in memory of each process; a row for each circuit, and those that are open in memory. */
export class PostgresProviderHealth extends ProviderHealth {
  #open = new Map<string, Circuit>()
  readonly #rates = new Map<string, FailureRate>()
  /** Those that this process is about to write, so that it writes them once. */
  readonly #writing = new Map<string, Promise<void>>()
  #timer: NodeJS.Timeout | null = null
  #deafen = () => {}

  constructor(
    private readonly sql: Sql,
    private readonly bus: Bus,
    private readonly logger: Logger
  ) {
    super()
  }

  /** Begins to follow the database. */
  async follow() {
    await this.#load()
    const look = () =>
      this.#load().catch((error) =>
        this.logger.warn({ err: error }, 'the health of providers was not read')
      )
    this.#deafen = this.bus.subscribe(TOPIC, look)
    this.#timer = setInterval(look, LOOK_MS).unref()
  }

  async stop() {
    if (this.#timer) clearInterval(this.#timer)
    this.#deafen()
    await this.written()
  }

  /** Once all that was seen until now is written. */
  async written() {
    await Promise.all(this.#writing.values())
  }

  of(provider: string) {
    return this.#open.get(provider) ?? null
  }

  open() {
    return [...this.#open.values()]
  }

  answered(provider: string) {
    this.#rateOf(provider).answered(Date.now())
    const circuit = this.of(provider)
    if (!circuit || isResting(circuit)) return
    this.#open.delete(provider)
    this.#rateOf(provider).forget()
    this.#write(provider, () => this.#recover(circuit))
  }

  failed(provider: string, { class: errorClass, message }: { class: ErrorClass; message: string }) {
    const cause = causeOf(errorClass)
    if (!cause) return
    if (cause === 'works') return this.answered(provider)
    const tooMany = this.#rateOf(provider).failed(Date.now())
    const circuit = this.of(provider)
    if (circuit && isResting(circuit)) return
    // One that was only being tried has failed its try.
    if (cause === 'failures' && !tooMany && !circuit) return
    this.#write(provider, () => this.#break(provider, cause, message))
  }

  async close(provider: string, actor: Actor) {
    await this.written()
    this.#rateOf(provider).forget()
    const rows = await this.sql.rows(
      `update provider_circuits set retry_at = null
       where provider = $1 and retry_at is not null returning provider`,
      [provider]
    )
    if (rows.length > 0) this.logger.warn({ provider, actor }, `${provider} is asked again`)
    await this.#told(provider)
    return rows.length > 0
  }

  async #break(provider: string, cause: CircuitCause, message: string) {
    const { first, longest } = REST_MS[cause]
    const [row] = await this.sql.rows<Circuit>(
      `insert into provider_circuits as c (provider, cause, message, since, openings, retry_at)
       values ($1, $2, $3, clock_timestamp(), 1, clock_timestamp() + $4 * interval '1 ms')
       on conflict (provider) do update set cause = excluded.cause, message = excluded.message,
         since = case when c.retry_at is null then excluded.since else c.since end,
         openings = case when c.retry_at is null then 1 else c.openings + 1 end,
         retry_at = clock_timestamp() + least($5, $4 * case when c.retry_at is null then 1
           else 2 ^ least(c.openings, 20) end) * interval '1 ms'
       where c.retry_at is null or c.retry_at <= clock_timestamp()
       returning provider, cause, message, since, openings, retry_at as "retryAt"`,
      [provider, cause, message, first, longest]
    )
    // Else another process was first.
    if (row) await this.#tell(row)
    await this.#told(provider)
  }

  async #tell(circuit: Circuit) {
    const { provider, cause, message, since, openings, retryAt } = circuit
    const level = cause === 'failures' ? 'warn' : 'error'
    this.logger[level](
      { code: 'provider_unavailable', provider, cause, openings, retryAt },
      `${provider} is left alone: ${message}`
    )
    // Once for as long as it lasts, however often it is tried in vain.
    await this.sql.rows(`select notice_write($1, 'provider_unavailable', $2, $3, $4)`, [
      PLATFORM,
      provider,
      `${since.toISOString()} ${cause}`,
      json({ provider, cause, message }),
    ])
  }

  async #recover({ provider, since }: Circuit) {
    const rows = await this.sql.rows(
      `update provider_circuits set retry_at = null
       where provider = $1 and retry_at <= clock_timestamp() returning provider`,
      [provider]
    )
    if (rows.length > 0) this.logger.warn({ provider, since }, `${provider} works again`)
    await this.#told(provider)
  }

  /** One after the other of each provider; what it does not come to is found at the next failure. */
  #write(provider: string, task: () => Promise<void>) {
    if (this.#writing.has(provider)) return
    const written = task()
      .catch((error) =>
        this.logger.error({ err: error, provider }, 'the health of a provider was not written')
      )
      .finally(() => this.#writing.delete(provider))
    this.#writing.set(provider, written)
  }

  #rateOf(provider: string): FailureRate {
    const rate = this.#rates.get(provider) ?? new FailureRate()
    this.#rates.set(provider, rate)
    return rate
  }

  async #told(provider: string) {
    await this.#load()
    this.bus.publish(TOPIC, provider)
  }

  async #load() {
    const rows = await this.sql.rows<Circuit>(
      `select provider, cause, message, since, openings, retry_at as "retryAt"
       from provider_circuits where retry_at is not null`
    )
    this.#open = new Map(rows.map((row) => [row.provider, row]))
  }
}
