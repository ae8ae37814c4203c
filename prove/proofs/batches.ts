import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { buildOnce } from '../../benchmarks/harness/build.js'
import { populate } from '../../benchmarks/harness/population.js'
import { BatchClients, type Asked } from '../batches/clients.js'
import { recover } from '../kill/aftermath.js'
import type { Application } from '../kill/application.js'
import type { Installation } from '../kill/armed_process.js'
import { killAll, orderOfKills } from '../kill/killing.js'
import { connect, type Keepers } from '../harness/keepers.js'
import { administer } from '../harness/server.js'
import { Random } from '../model/random.js'
import { Broken, same, type Proof } from '../proof.js'

const SIZES = {
  small: { batches: 6, hits: 1, atRandom: 0 },
  ci: { batches: 12, hits: 3, atRandom: 1 },
  release: { batches: 1_000, hits: 100, atRandom: 100 },
}
const ORGANISATIONS = 3
/** What the picture costs that they ask for, in micro-credits; the rows are held against it. */
const PICTURE = 471_870n
const STALL_MS = 25_000

/** Batches with budgets, some canceled, whose workers die between two items. */
export default {
  name: 'batches',
  about:
    'batches with budgets, canceled at any moment, whose workers die between two items: each item is started once or skipped with a reason, and no budget is passed',
  async run({ server, seed, size, mutant, tell, isTimeUp }) {
    const { batches, hits, atRandom } = SIZES[size]
    await using lifetime = new AsyncDisposableStack()
    buildOnce()
    const databaseUrl = await server.database(lifetime, 'plain', mutant)
    const directory = await mkdtemp(join(server.directory, 'batches-'))
    const keys = await administer(databaseUrl, (client) => populate({ client }, ORGANISATIONS))
    const installation: Installation = { databaseUrl, directory }
    const random = new Random(seed)

    const applications = new Set<Application>()
    lifetime.defer(async () => {
      await Promise.all([...applications].map((application) => application.kill()))
    })
    const clients = new BatchClients(applications, {
      keys,
      random: random.fork('clients'),
      picture: Number(PICTURE) / 1_000_000,
      least: batches,
    })
    // What is thrown meanwhile is found by the wait below.
    clients.done.catch(() => {})
    const order = orderOfKills(['between-starts'], { hits, atRandom, random: random.fork('order') })
    const plan = { order, random, backends: 0, tell, isTimeUp }
    const reached = await killAll(installation, applications, plan)
    if ((reached.get('between-starts') ?? 0) < hits && !isTimeUp()) {
      throw new Broken('no worker came to the moment between two items')
    }
    const stopped = clients.stop()
    await Promise.all([
      stopped,
      recover(installation, applications, { stallMs: STALL_MS, after: stopped }),
    ])

    const keepers = connect(databaseUrl)
    lifetime.defer(() => keepers.close())
    const counts = await checkAll(keepers, clients.asked)
    return { kills: hits + atRandom, batches: clients.asked.length, ...counts }
  },
} satisfies Proof

interface Row {
  id: string
  state: string
  items: bigint
  started: bigint
  skipped: bigint
  strangers: bigint
  open: bigint
  charged: bigint
  ceiling: bigint
}

async function checkAll({ sql, ledger }: Keepers, asked: Asked[]) {
  const rows = await sql.rows<Row>(
    `select b.id, b.state, count(*) as items, count(g.id) as started,
       count(*) filter (where g.id is null and i.skipped is not null) as skipped,
       (select count(*) from generations s where s.account_id = b.account_id and s.batch_id = b.id
         and s.id <> all (array_agg(i.generation_id))) as strangers,
       count(*) filter (where g.id is not null and g.outcome is null) as open,
       coalesce(sum(h.cost_micro), 0)::bigint as charged, max(i.ceiling_micro)::bigint as ceiling
     from batches b
     join batch_items i on i.account_id = b.account_id and i.batch_id = b.id
     left join generations g on g.account_id = i.account_id and g.id = i.generation_id
     left join holds h on h.account_id = g.account_id and h.id = g.job_id
     group by b.account_id, b.id, b.state`
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  same('batches', rows.length, new Set(asked.map(({ id }) => id)).size)
  for (const one of asked) checkOne(one, byId.get(one.id))
  const violations = await ledger.verify()
  same('violations of the ledger', JSON.stringify(violations.slice(0, 5)), '[]')
  const { held } = await sql.row<{ held: bigint }>(
    `select coalesce(sum(held), 0)::bigint as held from counters`
  )
  same('what is still held', held, 0)
  const sum = (of: 'started' | 'skipped') => Number(rows.reduce((all, row) => all + row[of], 0n))
  const canceled = rows.filter(({ state }) => state === 'canceled').length
  return { canceled, started: sum('started'), skipped: sum('skipped') }
}

function checkOne({ id, size, budget, isCanceled }: Asked, row: Row | undefined) {
  if (!row) throw new Broken(`${id} was acknowledged and is lost`)
  const told = `${id} (${row.state})`
  const states = isCanceled ? ['canceled', 'completed'] : ['completed']
  if (!states.includes(row.state)) throw new Broken(`${told} did not end as ${states.join(' or ')}`)
  same(`the ceiling of an item of ${told}`, row.ceiling, PICTURE)
  same(`items of ${told}`, row.items, size)
  same(`items of ${told} that were started or skipped`, row.started + row.skipped, size)
  same(`generations of ${told} that are none of its items`, row.strangers, 0)
  same(`generations of ${told} that have not ended`, row.open, 0)
  const most = budget === null ? null : BigInt(budget) * PICTURE
  if (most !== null && row.charged > most) {
    throw new Broken(`${told} cost ${row.charged}, and its budget was ${most}`)
  }
  if (row.state === 'canceled') return
  const isSpent = most !== null && most - row.charged < PICTURE
  if (row.skipped > 0n && !isSpent) {
    throw new Broken(`${told} skipped ${row.skipped} items with ${row.charged} of ${most} spent`)
  }
}
