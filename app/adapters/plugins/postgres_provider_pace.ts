import { ProviderPace } from '#core/plugins/provider_pace'
import type { Sql } from '#adapters/postgres/sql'

const MINUTE_MS = 60_000
/** Of a minute's calls so many may come at once. */
const AT_ONCE = 0.1

/**
 * One row a provider, by the generic cell rate algorithm (ITU-T I.371): each call moves on when all
 * of them are paid for, and what is too far ahead of now is not let through.
 */
export class PostgresProviderPace extends ProviderPace {
  readonly #fullUntil = new Map<string, number>()

  constructor(private readonly sql: Sql) {
    super()
  }

  async take(provider: string, perMinute: number) {
    const burst = Math.max(1, Math.floor(perMinute * AT_ONCE))
    // So that a burst and what follows within a minute are `perMinute` together.
    const step = MINUTE_MS / (perMinute - burst + 1)
    const [row] = await this.sql.rows<{ wait: number }>(
      `with taken as (
         insert into provider_paces as p (provider, paid_at)
         values ($1, clock_timestamp() + $2 * interval '1 ms')
         on conflict (provider) do update
           set paid_at = greatest(p.paid_at, clock_timestamp()) + $2 * interval '1 ms'
           where p.paid_at <= clock_timestamp() + $3 * interval '1 ms'
         returning 0::float8 as wait
       )
       select wait from taken
       union all
       select extract(epoch from p.paid_at - clock_timestamp())::float8 * 1000 - $3
       from provider_paces p where provider = $1 and not exists (select from taken)`,
      [provider, step, (burst - 1) * step]
    )
    // A row that another call has only just made is not seen: it was let through at this moment.
    const wait = row ? Math.max(row.wait, 0) : step
    if (wait > 0) this.#fullUntil.set(provider, Date.now() + wait)
    return wait
  }

  full() {
    const now = Date.now()
    for (const [provider, until] of this.#fullUntil) {
      if (until <= now) this.#fullUntil.delete(provider)
    }
    return [...this.#fullUntil.keys()]
  }
}
