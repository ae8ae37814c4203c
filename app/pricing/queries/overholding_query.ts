import db from '@adonisjs/lucid/services/db'
import { Credits } from '#core/ledger/credits'

export interface Overholding {
  model: string
  /** Settled jobs that cost something. */
  jobs: number
  held: Credits
  /** With what was above the hold, which the house bears. */
  cost: Credits
  /** How many times its price a job held: 1 is exact, below it was too little. */
  p50: number
  p95: number
  highest: number
}

/** How much more than their price jobs held, by model, the worst first. */
export async function overholdingQuery(since: Date): Promise<Overholding[]> {
  const { rows } = await db.rawQuery(
    `select model, count(*) as jobs, sum(held)::bigint as held, sum(cost)::bigint as cost,
       percentile_cont(0.5) within group (order by held::float8 / cost) as p50,
       percentile_cont(0.95) within group (order by held::float8 / cost) as p95,
       max(held::float8 / cost) as highest
     from (
       select g.model, h.amount_micro as held, h.cost_micro + coalesce((
         select sum(l.price_micro) from losses l
         where l.account_id = h.account_id and l.job_id = h.id and l.kind = 'overrun'), 0) as cost
       from generations g join holds h on h.account_id = g.account_id and h.id = g.job_id
       where g.created_at >= ? and h.state = 'settled' and h.cost_micro > 0
     ) settled
     group by model order by p95 desc, model`,
    [since]
  )
  return rows.map((row: Record<string, any>) => ({
    model: row.model,
    jobs: Number(row.jobs),
    held: Credits.fromMicro(row.held),
    cost: Credits.fromMicro(row.cost),
    p50: row.p50,
    p95: row.p95,
    highest: row.highest,
  }))
}
