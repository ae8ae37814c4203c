import type { Actor } from '#core/ledger/types'
import { OVERRUNS, Suspensions, type Suspension } from '#core/plugins/suspensions'
import type { Bus } from '#adapters/bus/bus'
import type { Sql } from '#adapters/postgres/sql'

const TOPIC = 'suspensions'
/** A word of the bus can be lost; then a suspension is seen this much later. */
const LOOK_MS = 5_000

interface Logger {
  warn(facts: object, message: string): void
}

/** A row for each time that a model was suspended, and those that last in memory. */
export class PostgresSuspensions extends Suspensions {
  #open = new Map<string, Suspension>()
  #timer: NodeJS.Timeout | null = null

  constructor(
    private readonly sql: Sql,
    private readonly bus: Bus,
    private readonly logger: Logger
  ) {
    super()
  }

  /** Begins to follow the database. */
  async open() {
    await this.#load()
    const look = () =>
      this.#load().catch((error) => this.logger.warn({ err: error }, 'suspensions were not read'))
    this.bus.subscribe(TOPIC, look)
    this.#timer = setInterval(look, LOOK_MS).unref()
  }

  close() {
    if (this.#timer) clearInterval(this.#timer)
  }

  of(model: string) {
    return this.#open.get(model) ?? null
  }

  async overran(model: string) {
    // Looks when the loss is written: of some at once the last sees them all.
    const rows = await this.sql.rows(
      `insert into model_suspensions (model, since)
       select $1, clock_timestamp() where (
         select count(*) from (
           select from losses l
           join generations g on g.account_id = l.account_id and g.job_id = l.job_id
           where l.kind = 'overrun' and g.model = $1 and l.created_at > coalesce((
             select max(lifted_at) from model_suspensions where model = $1), '-infinity')
           limit $2
         ) overruns
       ) >= $2
       on conflict do nothing
       returning model`,
      [model, OVERRUNS]
    )
    if (rows.length === 0) return this.of(model)
    this.logger.warn(
      { code: 'model_suspended', model, overruns: OVERRUNS },
      `${model} cost more than was held ${OVERRUNS} times and is off sale. Mend its price, then lift it at /admin/models.`
    )
    await this.#told(model)
    return this.of(model)
  }

  async lift(model: string, actor: Actor) {
    const rows = await this.sql.rows(
      `update model_suspensions set lifted_at = clock_timestamp(), lifted_by = $2
       where model = $1 and lifted_at is null returning model`,
      [model, actor]
    )
    await this.#told(model)
    return rows.length > 0
  }

  async #told(model: string) {
    await this.#load()
    this.bus.publish(TOPIC, model)
  }

  async #load() {
    const rows = await this.sql.rows<Suspension>(
      'select model, since from model_suspensions where lifted_at is null',
      []
    )
    this.#open = new Map(rows.map((row) => [row.model, row]))
  }
}
