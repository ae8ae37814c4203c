import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger } from '@adonisjs/core/logger'
import { PostgresBus } from '#adapters/bus/postgres_bus'
import { PostgresStreams } from '#adapters/streams/postgres_streams'
import type { ClaimedJob } from '#core/queue/types'
import { finishRequest, startRequest } from '#tests/contracts/metered_jobs/requests'
import { buildOnce } from '../../benchmarks/harness/build.js'
import { populate } from '../../benchmarks/harness/population.js'
import { connect, type Keepers } from '../harness/keepers.js'
import { administer } from '../harness/server.js'
import { Application } from '../kill/application.js'
import { Random } from '../model/random.js'
import { Broken, same, type Proof } from '../proof.js'
import { Reader, type Budget } from '../streams/reader.js'

/** How often readers are cut off, half of them of one generation and half of an organisation. */
const RECONNECTS = { small: 400, ci: 10_000, release: 500_000 }
const ORGANISATIONS = 8
const JOBS = 3
const READERS_OF_ALL = 2
const PROCESSES = 2
/** How many pairs of transactions there are to a reconnect, so that a slow machine has no more. */
const PAIRS = 0.1
/** While the earlier of a pair is open, so many connections of readers come and go, if they do so in time. */
const LOOKS = READERS_OF_ALL + 2
const OPEN_MS = 1_000
const PATIENCE_MS = 20_000
const HOURS_MS = 12 * 3_600_000

/** Followers that come and go, over several processes, while transactions commit out of order. */
export default {
  name: 'sse',
  about:
    'readers of one generation and of whole organisations, cut off again and again while events are committed out of order: none is lost, none comes twice',
  async run({ server, seed, size, mutant }) {
    await using lifetime = new AsyncDisposableStack()
    buildOnce()
    const databaseUrl = await server.database(lifetime, 'plain', mutant)
    const directory = await mkdtemp(join(server.directory, 'sse-'))
    const keys = await administer(databaseUrl, (client) => populate({ client }, ORGANISATIONS))
    const applications = await Promise.all(
      Array.from({ length: PROCESSES }, () =>
        Application.start({ databaseUrl, directory, environment: { WORKER: 'off' } })
      )
    )
    for (const application of applications) lifetime.defer(() => application.kill())
    const writers = await open(lifetime, databaseUrl)
    const random = new Random(seed)

    const accounts = keys.map((_, n) => `org_${String(n).padStart(26, '0')}`)
    const begun = await begin(writers, accounts)
    const organisations = accounts.map((accountId, n) => ({
      accountId,
      apiKey: keys[n],
      jobs: begun.filter((job) => job.accountId === accountId),
    }))
    const ports = applications.map(({ port }) => port)
    const half = RECONNECTS[size] / 2
    const budgets: [Budget, Budget] = [
      { done: 0, wanted: half },
      { done: 0, wanted: half },
    ]
    const readers = organisations.map(({ apiKey, jobs }, n) => {
      const reader = (path: string, name: string, budget: Budget) =>
        new Reader({ path, apiKey, ports, budget, random: random.fork(`${name} ${n}`) })
      return {
        ofOne: jobs.map(({ id }) =>
          reader(`/v1/generations/${id.replace('job_', 'gen_')}/events`, id, budgets[0])
        ),
        ofAll: Array.from({ length: READERS_OF_ALL }, (_, m) =>
          reader('/v1/events?from=beginning', `all ${m}`, budgets[1])
        ),
      }
    })
    const all = readers.flatMap(({ ofOne, ofAll }) => [...ofOne, ...ofAll])
    lifetime.defer(() => all.forEach((reader) => reader.stop()))
    let isFailed = false
    const reading = Promise.all(all.map((reader) => reader.read()))
    reading.catch(() => (isFailed = true))

    const pace: Pace = {
      isOver: () => isFailed || budgets.every(({ done, wanted }) => done >= wanted),
      due: () => ORGANISATIONS + (budgets[0].done + budgets[1].done) * PAIRS,
      written: 0,
    }
    await Promise.all(
      organisations.map(({ jobs }, n) => {
        const looks = () => readers[n].ofAll.reduce((sum, reader) => sum + reader.looks, 0)
        return write(writers, jobs, { pace, looks, random: random.fork(`writer ${n}`) })
      })
    )
    for (const { jobs } of organisations) await end(writers, jobs)
    if (isFailed) await reading

    const deadline = Date.now() + PATIENCE_MS
    const until = async (holds: () => boolean) => {
      while (!holds() && !isFailed && Date.now() < deadline) await sleep(20)
      if (isFailed) await reading
    }
    let events = 0
    for (const [n, { accountId, jobs }] of organisations.entries()) {
      const { ofOne, ofAll } = readers[n]
      const told = await rowsOf(writers, accountId)
      events += told.length
      await until(() => ofAll.every(({ heard }) => heard.length >= told.length))
      for (const reader of ofAll) check(reader, told)
      for (const [m, job] of jobs.entries()) {
        const own = told.filter((id) => id.startsWith(`evt_${job.id.slice(4)}_`))
        await until(() => ofOne[m].heard.length >= own.length)
        check(
          ofOne[m],
          own.sort((a, b) => numberOf(a) - numberOf(b))
        )
      }
    }
    for (const { ofAll } of readers) for (const reader of ofAll) reader.stop()
    // Those of one generation are told that there is no more, and stop by themselves.
    await reading
    return {
      reconnects: budgets[0].done + budgets[1].done,
      ofOne: budgets[0].done,
      ofAll: budgets[1].done,
      readers: all.length,
      processes: PROCESSES,
      pairs: pace.written,
      events,
    }
  },
} satisfies Proof

interface Pace {
  isOver(): boolean
  /** Pairs that may have been begun by now, and those that were. */
  due(): number
  written: number
}

interface Writers extends Keepers {
  streams: PostgresStreams
}

async function open(lifetime: AsyncDisposableStack, url: string): Promise<Writers> {
  const keepers = connect(url, ORGANISATIONS * 2)
  lifetime.defer(() => keepers.close())
  const bus = new PostgresBus(url, new Logger({ enabled: false }))
  await bus.connect()
  lifetime.defer(() => bus.close())
  return { ...keepers, streams: new PostgresStreams(keepers.sql, bus) }
}

/** Jobs that are being worked on, some of each account. */
async function begin({ metered, queue }: Writers, accounts: string[]): Promise<ClaimedJob[]> {
  const suffixes = accounts.flatMap((accountId) =>
    Array.from({ length: JOBS }, (_, n) => [accountId, `${accountId.slice(4)}${n}`])
  )
  for (const [accountId, suffix] of suffixes) {
    const deadline = new Date(Date.now() + HOURS_MS)
    const ids = { generationId: `gen_${suffix}`, jobId: `job_${suffix}` }
    await metered.start(startRequest(accountId, { ...ids, deadline }))
  }
  const wanted = { worker: 'prove', kinds: ['generation'], limit: 100, leaseMs: HOURS_MS }
  const jobs: ClaimedJob[] = []
  while (jobs.length < suffixes.length) jobs.push(...(await queue.claim(wanted)))
  return jobs
}

interface Writing {
  pace: Pace
  /** How often readers of the account have looked, all together. */
  looks(): number
  random: Random
}

/** Steps of the jobs, in pairs of transactions: what begins first is committed last. */
async function write(
  { sql, streams }: Writers,
  jobs: ClaimedJob[],
  { pace, looks, random }: Writing
) {
  const step = ({ accountId, id, token }: ClaimedJob) =>
    JSON.stringify({ account: accountId, job: id, token: String(token), progress: random.next() })
  const announce = (job: ClaimedJob) => streams.announce(job.accountId, job.id)

  while (!pace.isOver()) {
    if (pace.written >= pace.due()) {
      await sleep(5)
      continue
    }
    pace.written++
    const [late, ...early] = shuffled(jobs, random)
    await sql.session(async (client) => {
      await client.query('begin')
      await client.query('select job_progress($1)', [step(late)])
      for (const job of early) {
        await sql.rows('select job_progress($1)', [step(job)])
        announce(job)
      }
      const enough = looks() + LOOKS
      const deadline = Date.now() + OPEN_MS
      while (looks() < enough && !pace.isOver() && Date.now() < deadline) await sleep(2)
      await client.query('commit')
    })
    announce(late)
  }
}

function shuffled<Item>(items: Item[], random: Random): Item[] {
  const all = [...items]
  return items.map(() => all.splice(random.between(0, all.length - 1), 1)[0])
}

async function end({ metered, streams }: Writers, jobs: ClaimedJob[]) {
  for (const job of jobs) {
    await metered.finish(finishRequest(job, { cost: '1' }))
    streams.announce(job.accountId, job.id)
  }
}

/** The ids of all that was written for an account, in their one order. */
async function rowsOf({ sql }: Writers, accountId: string): Promise<string[]> {
  const rows = await sql.rows<{ id: string }>(
    `select 'evt_' || substr(job_id, 5) || '_' || seq as id from job_events
     where account_id = $1 order by xid, job_id, seq`,
    [accountId]
  )
  return rows.map(({ id }) => id)
}

function check({ heard, stream: { path } }: Reader, told: string[]) {
  const ids = new Set(heard.map(({ id }) => id))
  const lost = told.filter((id) => !ids.has(id))
  if (lost.length > 0) throw new Broken(`${path} never told ${lost.length}: ${lost.slice(0, 3)}`)
  const order = heard.map(({ id }) => id)
  same(`events of ${path}`, order.length, told.length)
  same(`the order of ${path}`, order.join(' ') === told.join(' '), true)
}

function numberOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('_') + 1))
}
