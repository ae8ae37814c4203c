import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { buildOnce } from '../../benchmarks/harness/build.js'
import { populate } from '../../benchmarks/harness/population.js'
import { RESOLVE_HOLD } from '#tests/contracts/metered_jobs/postgres_rows'
import { FAILPOINTS } from '#core/failpoint'
import { Application, type Installation } from '../kill/application.js'
import { Callers, type Acknowledged } from '../kill/callers.js'
import { administer } from '../harness/server.js'
import { connect } from '../harness/keepers.js'
import { Random } from '../model/random.js'
import { difference, linesIn } from '../model/state.js'
import { Broken, same, type Proof } from '../proof.js'

const SIZES = {
  small: {
    failpoints: FAILPOINTS.filter((_, n) => n % 4 === 1),
    hits: 1,
    atRandom: 2,
    backends: 1,
  },
  ci: { failpoints: FAILPOINTS, hits: 10, atRandom: 40, backends: 20 },
  release: { failpoints: FAILPOINTS, hits: 500, atRandom: 2_000, backends: 500 },
}
const ORGANISATIONS = 6
const PROCESSES = 4
const CALLERS = 8
/** A failpoint that is not reached in this time is tried again, so often. */
const REACH_MS = 15_000
const TRIES = 4
const RECOVERY_MS = 90_000
const SWEEP_MS = 400

/** Processes and the database's own die at the worst moments; what was acknowledged is done, once. */
export default {
  name: 'kill',
  about:
    'processes killed at every failpoint and at random, and backends of Postgres with them: nothing that was acknowledged is lost, charged twice or left held',
  async run({ server, seed, size, mutant, tell, isTimeUp }) {
    const { failpoints, hits, atRandom, backends } = SIZES[size]
    await using lifetime = new AsyncDisposableStack()
    buildOnce()
    const databaseUrl = await server.database(lifetime, 'plain', mutant)
    const directory = await mkdtemp(join(server.directory, 'kill-'))
    const keys = await administer(databaseUrl, (client) => populate({ client }, ORGANISATIONS))
    const installation: Installation = { databaseUrl, directory }
    const random = new Random(seed)

    const applications = new Set<Application>()
    lifetime.defer(async () => {
      await Promise.all([...applications].map((application) => application.kill()))
    })
    const callers = new Callers(applications, {
      keys,
      random: random.fork('callers'),
      many: CALLERS,
    })
    lifetime.defer(() => callers.stop())

    const kills = [
      ...failpoints.flatMap((name) => Array.from({ length: hits }, () => name as string | null)),
      ...Array.from({ length: atRandom }, () => null),
    ]
    const order = shuffled(kills, random.fork('order'))
    const plan = { order, random, backends, tell, isTimeUp }
    const reached = await killAll(installation, applications, plan)
    const unreached = failpoints.filter((name) => (reached.get(name) ?? 0) < hits)
    if (unreached.length > 0 && !isTimeUp())
      throw new Broken(`failpoints hardly reached: ${unreached.join(', ')}`)

    await callers.stop()
    await recover(installation, applications)
    const settled = await checkAll(installation, callers)
    return {
      kills: [...reached.values()].reduce((sum, count) => sum + count, 0),
      failpoints: failpoints.length,
      backends,
      acknowledged: callers.acknowledged.length,
      repeats: callers.repeats,
      settled,
    }
  },
} satisfies Proof

interface Plan {
  /** A failpoint each, or `null` for a moment of our own choosing. */
  order: (string | null)[]
  random: Random
  backends: number
  tell(line: string): void
  isTimeUp(): boolean
}

/** Keeps processes running until each has been killed as planned. Answers how often each way. */
async function killAll(
  installation: Installation,
  applications: Set<Application>,
  { order, random, backends, tell, isTimeUp }: Plan
): Promise<Map<string, number>> {
  const reached = new Map<string, number>()
  const waiting = order.map((name) => ({ name, tries: 0 }))
  const total = waiting.length
  let done = 0
  let backendsKilled = 0
  const lane = async () => {
    for (let kill = waiting.shift(); kill && !isTimeUp(); kill = waiting.shift()) {
      const armed = kill.name === null ? undefined : `${kill.name}:${random.between(1, 3)}`
      const application = await Application.start(installation, armed)
      applications.add(application)
      const patience = kill.name ? REACH_MS : random.between(0, 1_500)
      await Promise.race([application.gone, sleep(patience)])
      // One that gave up by itself, because the database was away, was not killed where it should be.
      const wasReached = application.wasKilled
      await application.kill()
      applications.delete(application)
      const isDone = kill.name === null || wasReached
      if (!isDone && ++kill.tries < TRIES) waiting.push(kill)
      if (!isDone) continue
      const way = kill.name ?? 'random'
      reached.set(way, (reached.get(way) ?? 0) + 1)
      if (++done % 50 === 0) tell(`${done} of ${total} killed`)
      while (backendsKilled < Math.floor((done * backends) / total)) {
        backendsKilled++
        await killBackend(installation)
      }
    }
  }
  await Promise.all(Array.from({ length: PROCESSES }, lane))
  return reached
}

/** As if it ran out of memory: the server cuts everybody off and recovers. */
async function killBackend({ databaseUrl }: Installation) {
  const name = new URL(databaseUrl).pathname.slice(1)
  await patiently(databaseUrl, async (client) => {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()
         and backend_type = 'client backend' order by state = 'active' desc, random() limit 1`,
      [name]
    )
    if (rows.length > 0) process.kill(rows[0].pid, 'SIGKILL')
  })
  await patiently(databaseUrl, (client) => client.query('select 1'))
}

/** With processes that live, all that is open ends. */
async function recover(installation: Installation, applications: Set<Application>) {
  for (let n = 0; n < 2; n++) {
    const application = await Application.start(installation)
    if (application.hasEnded) throw new Broken('an application does not start after the kills')
    applications.add(application)
  }
  const deadline = Date.now() + RECOVERY_MS
  for (;;) {
    const open = await patiently(installation.databaseUrl, async (client) => {
      const { rows } = await client.query(
        `select count(*)::int as open from jobs where state in ('queued', 'running')`
      )
      return rows[0].open as number
    })
    if (open === 0) break
    if (Date.now() > deadline) throw new Broken(`${open} jobs are still open after the kills`)
    await sleep(200)
  }
  await sleep(SWEEP_MS * 2)
  for (const application of applications) {
    await application.kill()
    applications.delete(application)
  }
}

async function checkAll(
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
      await sql.row<{ outcome: string }>(RESOLVE_HOLD, [
        JSON.stringify({ n: 1, account_id: account, hold_id: job, state: 'released' }),
      ]),
      await metered.expire(ref, 'deadline'),
      await metered.cancel(ref, 'system:prove'),
    ]
    for (const { outcome } of again) same(`a second end of ${job} (${state})`, outcome, 'resolved')
  }
  const different = difference(await linesIn(sql, { times: true }), before)
  if (different) throw new Broken(`a second end changed what is kept:\n${different}`)
}

/** The server may be recovering. */
async function patiently<Result>(
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

function shuffled<Item>(items: Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
