import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BUILD, buildOnce } from '../../benchmarks/harness/build.js'
import { populate } from '../../benchmarks/harness/population.js'
import { connect } from '../harness/keepers.js'
import { administer } from '../harness/server.js'
import { Application } from '../kill/application.js'
import { Broken, same, type Proof } from '../proof.js'

/** Faults of the disk. */
const FAULTS = { small: 40, ci: 1_000, release: 50_000 }
const ORGANISATIONS = 4
const CALLERS = 24
const PATIENCE_MS = 120_000

/** A disk that fails in every way it can while outputs are stored. */
export default {
  name: 'storage',
  about:
    'a disk that fails while outputs are stored: nothing is settled without its whole file, nothing is charged twice, and what fails is free',
  async run({ server, size, mutant, tell }) {
    await using lifetime = new AsyncDisposableStack()
    buildOnce()
    const databaseUrl = await server.database(lifetime, 'plain', mutant)
    const directory = await mkdtemp(join(server.directory, 'storage-'))
    const keys = await administer(databaseUrl, (client) => populate({ client }, ORGANISATIONS))
    const application = await Application.start({
      databaseUrl,
      directory,
      environment: {
        NODE_OPTIONS: `--import=${new URL('prove/kill/faulty_files.js', BUILD)}`,
        ...mutant?.environment,
      },
    })
    lifetime.defer(() => application.kill())
    const ended = () => new Broken(`the application ended. It said:\n${application.said()}`)
    if (application.hasEnded) throw ended()

    const faults = () => linesOf(join(directory, 'faults.log'))
    const call = async (n: number) => {
      while (faults().length < FAULTS[size]) {
        await generate(application, keys[n % keys.length]).catch((error) => {
          throw application.hasEnded ? ended() : error
        })
      }
    }
    await Promise.all(Array.from({ length: CALLERS }, (_, n) => call(n)))
    const kinds = new Map<string, number>()
    for (const fault of faults()) kinds.set(fault, (kinds.get(fault) ?? 0) + 1)
    for (const [kind, count] of kinds) tell(`${count} × ${kind}`)

    const keepers = connect(databaseUrl)
    lifetime.defer(() => keepers.close())
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const { open } = await keepers.sql.row<{ open: bigint }>(
        `select count(*) as open from jobs where state in ('queued', 'running')`
      )
      if (open === 0n) break
      if (Date.now() > deadline) throw new Broken(`${open} jobs are still open`)
      await sleep(100)
    }
    await application.kill()

    const violations = await keepers.ledger.verify()
    same('violations of the ledger', JSON.stringify(violations.slice(0, 5)), '[]')
    const { held } = await keepers.sql.row<{ held: bigint }>(
      `select (select coalesce(sum(held), 0) from counters)::bigint
         + (select coalesce(sum(held_micro), 0) from accounts)::bigint as held`
    )
    same('what is still held', held, 0)
    const rows = await keepers.sql.rows<Row>(ROWS)
    for (const row of rows) await check(row, join(directory, 'files', 'orgs', row.account))
    const settled = rows.filter(({ state }) => state === 'settled').length
    if (settled === 0) throw new Broken('nothing was ever stored')
    return {
      faults: faults().length,
      generations: rows.length,
      settled,
      free: rows.length - settled,
    }
  },
} satisfies Proof

interface Row {
  id: string
  account: string
  outcome: string
  state: string
  cost: bigint | null
  paid: bigint
  charged_attempts: bigint
  settlements: bigint
  files: string[]
}

const ROWS = `
  select g.id, g.account_id as account, g.outcome, h.state, h.cost_micro as cost,
    (select coalesce(-sum(e.amount_micro), 0) from entries e
     where e.account_id = g.account_id and e.hold_id = g.job_id and e.kind = 'consume')::bigint as paid,
    (select count(*) from usage_events u where u.account_id = g.account_id and u.job_id = g.job_id
     and u.price_micro > 0) as charged_attempts,
    (select count(*) from job_events v where v.account_id = g.account_id and v.job_id = g.job_id
     and v.type in ('settled', 'released')) as settlements,
    array(select a.sha256 from generation_outputs o
      join assets a on a.account_id = o.account_id and a.id = o.asset_id
      where o.account_id = g.account_id and o.generation_id = g.id) as files
  from generations g
  join holds h on h.account_id = g.account_id and h.id = g.job_id`

/** Paid once and with its whole file, or not at all. */
async function check(row: Row, folder: string) {
  const { id, outcome, state, cost, paid, files } = row
  const isPaid = outcome === 'succeeded'
  same(`the hold of ${id}, which ${outcome}`, state, isPaid ? 'settled' : 'released')
  same(`what was paid for ${id}`, paid, cost ?? 0n)
  same(`attempts of ${id} that were charged`, row.charged_attempts, isPaid ? 1 : 0)
  same(`settlements of ${id}`, row.settlements, 1)
  same(`files of ${id}`, files.length, isPaid ? 1 : 0)
  for (const sha256 of files) {
    const place = join(folder, sha256)
    if (!existsSync(place)) throw new Broken(`${id} was settled without its file`)
    const bytes = await readFile(place)
    same(`the file of ${id}`, createHash('sha256').update(bytes).digest('hex'), sha256)
  }
}

/** One generation, to its end. */
async function generate({ port }: Application, apiKey: string) {
  const response = await fetch(`http://127.0.0.1:${port}/v1/generations`, {
    method: 'POST',
    headers: {
      'authorization': `Bearer ${apiKey}`,
      'content-type': 'application/json',
      'prefer': 'wait=30',
    },
    body: JSON.stringify({
      model: 'sandbox/image',
      input: { prompt: 'a lake', seed: 7, format: 'jpeg' },
    }),
  })
  const body = await response.text()
  if (![200, 202].includes(response.status)) throw new Broken(`${response.status}: ${body}`)
}

function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []
}
