import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../benchmarks/harness/app_process.js'
import { buildOnce } from '../../benchmarks/harness/build.js'
import { populate } from '../../benchmarks/harness/population.js'
import { FakeCloudTasks } from '#tests/fakes/cloud_tasks/fake_cloud_tasks'
import type { Push } from '#tests/fakes/cloud_tasks/pushes'
import { connect, type Keepers } from '../harness/keepers.js'
import { administer } from '../harness/server.js'
import { Application } from '../kill/application.js'
import { Random } from '../model/random.js'
import { Broken, same, type Counts, type Trial } from '../proof.js'

const JOBS = { small: 20, ci: 120, release: 10_000 }
const ORGANISATIONS = 6
const PROCESSES = 2
const CALLERS = 6
const PATIENCE_MS = 120_000
/** What is asked for, by how often. */
const PROMPTS = {
  'a lake': 40,
  'a lake slow:150ms': 30,
  'a lake fail:transient': 20,
  'a lake fail:provider': 10,
}
/** Every task comes three times, late and so out of order, and a third of the answers gets lost. */
const TROUBLE = { copies: 2, lateMs: 300, lostAnswers: 0.3 }
/** One in so many is canceled at some moment. */
const CANCELED = 8

interface JobRow {
  id: string
  state: string
  paid: bigint
  priced: bigint
  cost: bigint | null
  attempts: bigint
  usage: bigint
  submitted: bigint
  settled: bigint
  ended: bigint
}

/** By processes of the application that are told of their jobs, each several times, by a faithless service. */
export async function provePushed({ server, seed, size, mutant, tell }: Trial): Promise<Counts> {
  await using lifetime = new AsyncDisposableStack()
  buildOnce()
  const databaseUrl = await server.database(lifetime, 'plain', mutant)
  const directory = await mkdtemp(join(server.directory, 'pushed-'))
  const keys = await administer(databaseUrl, (client) => populate({ client }, ORGANISATIONS))
  const tasks = await FakeCloudTasks.start({ haste: 50 })
  lifetime.defer(() => tasks.stop())
  tasks.addQueue('daygen-0')
  const origins = await startAll(lifetime, { databaseUrl, directory }, tasks)
  Object.assign(tasks.trouble, TROUBLE, { origins })

  const random = new Random(seed)
  const canceled = await askAll(origins, { keys, random, many: JOBS[size] })
  const keepers = connect(databaseUrl)
  lifetime.defer(() => keepers.close())
  await drained(keepers)
  tell(`${JOBS[size]} jobs ended, ${tasks.answered.length} pushes answered`)
  // Long after, everything that was ever pushed comes once more.
  const late = await pushAllAgain(tasks)
  const effects = late.map(({ status, body }) => `${status} ${body?.effect}`)
  same('what late pushes were answered', [...new Set(effects)].join(', '), '200 none')

  await checkAll(keepers, JOBS[size])
  return {
    pushed_jobs: JOBS[size],
    pushes: tasks.answered.length,
    tasks: tasks.made.length,
    refused: tasks.answered.filter(({ status }) => status === 409 || status === 425).length,
    canceled,
  }
}

async function startAll(
  lifetime: AsyncDisposableStack,
  installation: { databaseUrl: string; directory: string },
  tasks: FakeCloudTasks
): Promise<string[]> {
  const ports = await Promise.all(Array.from({ length: PROCESSES }, () => freePort()))
  const origins = ports.map((port) => `http://127.0.0.1:${port}`)
  const environment = tasks.environment(origins[0])
  for (const port of ports) {
    const application = await Application.start({ ...installation, environment }, undefined, {
      port,
    })
    lifetime.defer(() => application.kill())
    if (application.hasEnded)
      throw new Error(`An application did not start:\n${application.said()}`)
  }
  return origins
}

/** Asks for as many, at both processes. Answers how many it asked to stop. */
async function askAll(
  origins: string[],
  { keys, random, many }: { keys: string[]; random: Random; many: number }
): Promise<number> {
  let asked = 0
  let canceled = 0
  const post = async (key: string, path: string, body: object) => {
    const response = await fetch(`${origins[asked % origins.length]}/v1/generations${path}`, {
      method: 'POST',
      headers: { 'authorization': `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const answer = (await response.json()) as { id: string }
    if (!response.ok) throw new Broken(`${response.status} ${JSON.stringify(answer)}`)
    return answer
  }
  const caller = async () => {
    while (asked < many) {
      const key = keys[asked++ % keys.length]
      const input = { prompt: random.weighted(PROMPTS), seed: 7, format: 'jpeg' }
      const isCanceled = random.between(1, CANCELED) === 1
      const moment = random.between(0, 200)
      const { id } = await post(key, '', { model: 'sandbox/image', input })
      if (!isCanceled) continue
      await sleep(moment)
      await post(key, `/${id}/cancel`, {})
      canceled++
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return canceled
}

/** Not more at once than the processes have places for: the others would be told to come later. */
async function pushAllAgain(tasks: FakeCloudTasks): Promise<Push[]> {
  const left = [...tasks.made]
  const answers: Push[] = []
  const lane = async () => {
    for (let task = left.pop(); task; task = left.pop()) {
      let answer = await tasks.pushAgain(task)
      // A process that has its hands full says so, and is told again.
      while (answer.status === 429) {
        await sleep(50)
        answer = await tasks.pushAgain(task)
      }
      answers.push(answer)
    }
  }
  await Promise.all(Array.from({ length: 4 }, lane))
  return answers
}

async function drained({ queue }: Keepers) {
  const deadline = Date.now() + PATIENCE_MS
  let open = Infinity
  while (open > 0) {
    const { queued, running } = await queue.depth()
    if (queued + running < open) open = queued + running
    else if (Date.now() > deadline) throw new Broken(`${open} jobs that were pushed do not end`)
    await sleep(100)
  }
}

/** Each job has one end and is paid once; each attempt was submitted once and has one usage row. */
async function checkAll({ sql, ledger }: Keepers, many: number) {
  const rows = await sql.rows<JobRow>(
    `select j.id, j.state::text, h.cost_micro as cost, j.attempt::bigint as attempts,
       (select coalesce(-sum(amount_micro), 0) from entries e
        where e.account_id = j.account_id and e.hold_id = j.id and e.kind = 'consume')::bigint as paid,
       (select count(*) from usage_events u where u.account_id = j.account_id and u.job_id = j.id) as usage,
       (select coalesce(sum(price_micro), 0) from usage_events u
        where u.account_id = j.account_id and u.job_id = j.id)::bigint as priced,
       (select count(*) from job_events v where v.account_id = j.account_id and v.job_id = j.id
        and v.type = 'submitted') as submitted,
       (select count(*) from job_events v where v.account_id = j.account_id and v.job_id = j.id
        and v.type in ('settled', 'released')) as settled,
       (select count(*) from job_events v where v.account_id = j.account_id and v.job_id = j.id
        and v.type in ('succeeded', 'failed', 'canceled', 'expired')) as ended
     from jobs j join holds h on h.account_id = j.account_id and h.id = j.id`
  )
  same('jobs that were pushed', rows.length, many)
  for (const { id, state, paid, priced, cost, attempts, usage, ...row } of rows) {
    const told = `the pushed ${id} (${state})`
    same(`ends of ${told}`, row.ended, 1)
    same(`settlements of ${told}`, row.settled, 1)
    same(`what was paid for ${told}`, paid, cost ?? 0)
    same(`what usage says was paid for ${told}`, priced, cost ?? 0)
    if (state !== 'canceled') same(`usage rows of ${told}`, usage, attempts)
    if (row.submitted > attempts) throw new Broken(`${told} was submitted ${row.submitted} times`)
  }
  const violations = await ledger.verify()
  same('violations of the ledger', JSON.stringify(violations.slice(0, 5)), '[]')
}
