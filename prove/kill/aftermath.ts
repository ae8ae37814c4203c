import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { RESOLVE_HOLD } from '#tests/contracts/metered_jobs/postgres_rows'
import { administer } from '../harness/server.js'
import { connect } from '../harness/keepers.js'
import { difference, linesIn } from '../model/state.js'
import { Broken, same } from '../proof.js'
import { Application } from './application.js'
import type { Installation } from './armed_process.js'
import type { Acknowledged, Callers } from './callers.js'

/** So long nothing may end, while there is something to be ended. */
const STALL_MS = 45_000
const SWEEP_MS = 400

/** With two processes that live, all that is open ends, and what begins until `after`. */
export async function recover(
  installation: Installation,
  applications: Set<Application>,
  { stallMs = STALL_MS, after }: { stallMs?: number; after?: Promise<unknown> } = {}
) {
  for (let n = 0; n < 2; n++) {
    const application = await Application.start(installation)
    if (application.hasEnded) throw new Broken('an application does not start after the kills')
    applications.add(application)
  }
  await after
  await allEnd(installation, stallMs)
  for (const application of applications) {
    await application.kill()
    applications.delete(application)
  }
}

/** Once no job is open, and sweeps have had their time. Those that no longer come to an end are broken. */
export async function allEnd({ databaseUrl }: Installation, stallMs = STALL_MS) {
  let least = Infinity
  let deadline = Date.now() + stallMs
  for (;;) {
    const open = await openJobs(databaseUrl)
    if (open === 0) break
    if (open < least) deadline = Date.now() + stallMs
    least = Math.min(least, open)
    if (Date.now() > deadline) throw new Broken(`${open} jobs do not end`)
    await sleep(200)
  }
  await sleep(SWEEP_MS * 2)
}

export function openJobs(databaseUrl: string): Promise<number> {
  return patiently(databaseUrl, async (client) => {
    const { rows } = await client.query(
      `select count(*)::int as open from jobs where state in ('queued', 'running')`
    )
    return rows[0].open as number
  })
}

/** Of every generation: it has one outcome, which nothing changes. Answers how many were paid for. */
export async function checkAll(
  { databaseUrl, directory }: Installation,
  { acknowledged, wrong }: Callers
): Promise<number> {
  await using lifetime = new AsyncDisposableStack()
  const keepers = connect(databaseUrl)
  lifetime.defer(() => keepers.close())
  const { sql, ledger } = keepers
  same('answers that no caller should get', wrong.slice(0, 3).join(', '), '')
  const violations = await ledger.verify()
  same('violations of the ledger', JSON.stringify(violations.slice(0, 5)), '[]')

  const rows = await sql.rows<Row>(ROWS)
  const byId = new Map(rows.map((row) => [row.id, row]))
  for (const one of acknowledged) checkAcknowledged(one, byId.get(one.id))
  for (const row of rows) checkRow(row, directory)
  same('generations that share a key', new Set(rows.map(({ key }) => key)).size, rows.length)
  const { held, open } = await sql.row<{ held: bigint; open: bigint }>(
    `select (select count(*) from holds where state = 'held') as open,
       (select coalesce(sum(held), 0) from counters)::bigint
         + (select coalesce(sum(held_micro), 0) from accounts)::bigint as held`
  )
  same('stranded holds', open, 0)
  same('what is still held', held, 0)
  const costs = new Set(rows.filter(({ cost }) => cost !== null).map(({ cost }) => String(cost)))
  same('different prices of one picture', costs.size, 1)

  await endAgain(keepers, rows)
  return rows.filter(({ state }) => state === 'settled').length
}

interface Row {
  id: string
  account: string
  job: string
  token: bigint
  outcome: string | null
  error: string | null
  key: string | null
  state: string
  cost: bigint | null
  paid: bigint
  settlements: bigint
  files: string[]
}

const ROWS = `
  select g.id, g.account_id as account, g.job_id as job, j.token, g.outcome, k.key, h.state,
    h.cost_micro as cost, j.error->>'class' as error,
    (select coalesce(-sum(e.amount_micro), 0) from entries e
     where e.account_id = g.account_id and e.hold_id = g.job_id and e.kind = 'consume')::bigint as paid,
    (select count(*) from job_events v where v.account_id = g.account_id and v.job_id = g.job_id
     and v.type in ('settled', 'released')) as settlements,
    array(select a.sha256 from generation_outputs o
      join assets a on a.account_id = o.account_id and a.id = o.asset_id
      where o.account_id = g.account_id and o.generation_id = g.id) as files
  from generations g
  join jobs j on j.account_id = g.account_id and j.id = g.job_id
  join holds h on h.account_id = g.account_id and h.id = g.job_id
  left join idempotency_keys k on k.account_id = g.account_id and k.generation_id = g.id`

function checkAcknowledged({ id, key, prompt }: Acknowledged, row: Row | undefined) {
  if (!row) throw new Broken(`${id} was acknowledged and is lost`)
  same(`the key of ${id}`, row.key, key)
  if (prompt.includes('fail:provider')) same(`the outcome of ${id}`, row.outcome, 'failed')
  else if (row.outcome !== 'succeeded') {
    throw new Broken(`${id} was acknowledged, and ended as ${row.outcome} (${row.error})`)
  }
}

/** Paid once and with its file, or not at all. */
function checkRow(
  { id, account, outcome, state, cost, paid, settlements, files }: Row,
  directory: string
) {
  const isPaid = outcome === 'succeeded'
  same(`the hold of ${id}, which ${outcome}`, state, isPaid ? 'settled' : 'released')
  same(`what was paid for ${id}`, paid, cost ?? 0n)
  same(`settlements of ${id}`, settlements, 1)
  same(`files of ${id}`, files.length, isPaid ? 1 : 0)
  for (const sha256 of files) {
    const place = join(directory, 'files', 'orgs', account, sha256)
    if (!existsSync(place)) throw new Broken(`${id} was settled without its file`)
  }
}

/** What a worker, a sweeper or a caller may still send from before must find that it is over. */
async function endAgain({ sql, metered }: ReturnType<typeof connect>, rows: Row[]) {
  const before = await linesIn(sql, { times: true })
  for (const { account, job, state } of rows.slice(0, 200)) {
    const ref = { accountId: account, jobId: job }
    const again = [
      await sql.row<{ outcome: string }>(RESOLVE_HOLD, [account, job, 'released', null]),
      await metered.expire(ref, 'deadline'),
      await metered.cancel(ref, 'system:prove'),
    ]
    for (const { outcome } of again) same(`a second end of ${job} (${state})`, outcome, 'resolved')
  }
  const different = difference(await linesIn(sql, { times: true }), before)
  if (different) throw new Broken(`a second end changed what is kept:\n${different}`)
}

/** The server may be recovering. */
export async function patiently<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>
): Promise<Result> {
  const deadline = Date.now() + 30_000
  for (;;) {
    try {
      return await administer(url, work)
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(100)
    }
  }
}
