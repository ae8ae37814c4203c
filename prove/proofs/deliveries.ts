import { Credits } from '#core/ledger/credits'
import type { ClaimedJob } from '#core/queue/types'
import { connect, type Keepers } from '../harness/keepers.js'
import { Random } from '../model/random.js'
import { startOf, usageOf } from '../model/verbs/generations.js'
import { endText } from '../model/verbs/texts.js'
import { Broken, DRIVERS, same, type Counts, type Proof, type Trial } from '../proof.js'
import { provePushed } from '../deliveries/pushed.js'

const ACCOUNTS = 10
const AT_ONCE = 24
const HOLD = 1_000_000n
/** Some seven deliveries each. */
const JOBS = { small: 60, ci: 1_500, release: 150_000 }
const BATCH = 100
const LEASE_MS = 600_000

/** What happens to a job besides its work being delivered several times. */
const FATES = ['none', 'lost', 'lost', 'cancel', 'deadline', 'retry', 'hand_back'] as const
type Fate = (typeof FATES)[number]

interface Delivered {
  fate: Fate
  /** Of this job's claims, oldest first; the last one owns it. */
  claims: ClaimedJob[]
  answers: Answer[]
}

/** An answer, and whether its token was the last when all were sent. */
interface Answer {
  what: 'finish' | 'cancel' | 'expire' | 'retry' | 'hand_back'
  isCurrent: boolean
  said: string
  charged: bigint
}

/** A job that is delivered again, late and at once has one outcome. */
export default {
  name: 'deliveries',
  about:
    'outcomes of one job that are delivered again, late, at once and by workers that lost it: one settlement, and one usage row an attempt',
  async run(trial) {
    // What the database no longer does is mostly found out without a service around it.
    const only = trial.driver ?? (trial.mutant && (trial.mutant.driver ?? 'postgres'))
    const drivers = only ? [only] : DRIVERS
    return {
      ...(drivers.includes('postgres') && (await provePulled(trial))),
      ...(drivers.includes('cloud_tasks') && (await provePushed(trial))),
    }
  },
} satisfies Proof

/** By two processes that look for work, and everything that those who have it may do with it. */
async function provePulled({ server, seed, size, mutant, isTimeUp }: Trial): Promise<Counts> {
  await using lifetime = new AsyncDisposableStack()
  const url = await server.database(lifetime, 'plain', mutant)
  const processes = [connect(url, AT_ONCE / 2), connect(url, AT_ONCE / 2)]
  for (const { close } of processes) lifetime.defer(close)
  const random = new Random(seed)
  await open(processes[0])

  const counts = { jobs: 0, deliveries: 0, stale: 0, repeated: 0 }
  // A race may be missed once.
  const many = mutant ? JOBS.ci : JOBS[size]
  for (let first = 0; first < many && !isTimeUp(); first += BATCH) {
    const jobs = await runBatch(processes, {
      random,
      first,
      many: Math.min(BATCH, many - first),
    })
    await checkRows(processes[0], jobs)
    for (const { answers } of jobs.values()) {
      counts.jobs++
      counts.deliveries += answers.length
      counts.stale += answers.filter(({ said }) => said === 'stale' || said === 'false').length
      counts.repeated += answers.filter(({ said }) => said.startsWith('resolved')).length
    }
  }
  const violations = await processes[0].ledger.verify()
  same('violations of the ledger', JSON.stringify(violations), '[]')
  return counts
}

async function open({ ledger }: Keepers) {
  for (let n = 0; n < ACCOUNTS; n++) {
    await ledger.open(`org_${n}`)
    await ledger.grant({
      accountId: `org_${n}`,
      kind: 'admin',
      amount: Credits.parse('1000000'),
      source: 'prove',
      sourceRef: 'plenty',
      actor: 'system:prove',
      reason: 'plenty',
    })
  }
}

async function runBatch(
  processes: Keepers[],
  { random, first, many }: { random: Random; first: number; many: number }
): Promise<Map<string, Delivered>> {
  const jobs = new Map<string, Delivered>()
  const [{ metered, queue, sql }] = processes
  for (let n = first; n < first + many; n++) {
    const account = `org_${n % ACCOUNTS}`
    const job = `job_${n % ACCOUNTS}_${n}`
    const named = { account, job, hold: String(HOLD), key: null, hash: '', user: null }
    const start = { verb: 'start', ...named, model: 'acme/painter', images: 1, lasts: 0 } as const
    const request = startOf(start, new Date(Date.now() + 3_600_000))
    const { outcome } = await metered.start({ ...request, limits: [] })
    same(`the start of ${job}`, outcome, 'started')
    jobs.set(job, { fate: random.pick(FATES), claims: [], answers: [] })
  }

  await claimAll(processes, jobs)
  const having = (fate: Fate) => [...jobs].filter(([, job]) => job.fate === fate).map(([id]) => id)
  for (let times = random.between(1, 2); times > 0; times--) {
    await sql.rows(
      `update jobs set lease_until = clock_timestamp() - interval '1 s' where id = any ($1)`,
      [having('lost')]
    )
    await Promise.all(processes.map((process) => process.queue.requeueLost(1000)))
    await claimAll(processes, jobs)
  }
  await sql.rows(
    `update jobs set deadline = clock_timestamp() - interval '1 s' where id = any ($1)`,
    [having('deadline')]
  )

  await deliver(processes, random, jobs)
  // Those that were put back run again, and the deliveries of before come late.
  await claimAll(processes, jobs)
  await deliver(processes, random, jobs)
  const { queued, running } = await queue.depth()
  same('jobs left open', queued + running, 0)
  return jobs
}

/** Two processes take what is due, at once. */
async function claimAll(processes: Keepers[], jobs: Map<string, Delivered>) {
  const request = { worker: 'prover', kinds: ['generation'], limit: BATCH, leaseMs: LEASE_MS }
  const claimed = await Promise.all(processes.map(({ queue }) => queue.claim(request)))
  const ids = new Set<string>()
  for (const job of claimed.flat()) {
    if (ids.has(job.id)) throw new Broken(`${job.id} was handed to two workers at once`)
    ids.add(job.id)
    jobs.get(job.id)!.claims.push(job)
  }
}

/** Everything that might be delivered, in any order, many at once. */
async function deliver(processes: Keepers[], random: Random, jobs: Map<string, Delivered>) {
  const calls = [...jobs.values()].flatMap((job) => callsOf(job, random))
  const shuffled = calls
    .map((call) => ({ call, place: random.next() }))
    .sort((a, b) => a.place - b.place)
  let next = 0
  const lane = async () => {
    while (next < shuffled.length) {
      const { call } = shuffled[next++]
      await call(processes[next % processes.length])
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
}

function callsOf(job: Delivered, random: Random): ((keepers: Keepers) => Promise<void>)[] {
  const last = job.claims.at(-1)!
  const ref = { accountId: last.accountId, jobId: last.id }
  const note = (answer: Answer) => void job.answers.push(answer)
  const times = (least: number, most: number, call: (keepers: Keepers) => Promise<void>) =>
    Array.from({ length: random.between(least, most) }, () => call)

  const finish = (claim: ClaimedJob) => async (keepers: Keepers) => {
    const cost = BigInt(random.between(1, 1_200_000))
    const result = await keepers.metered.finish({
      lease: { ...ref, token: claim.token },
      state: 'succeeded',
      cost: Credits.fromMicro(cost),
      delivered: 1,
      outputs: [],
      usage: usageOf('succeeded'),
    })
    const charged = 'charged' in result ? result.charged.micro : 0n
    if (result.outcome === 'finished') {
      same(`what ${last.id} was charged`, charged, cost < HOLD ? cost : HOLD)
    }
    note({ what: 'finish', isCurrent: claim === last, said: endText(result), charged })
  }
  const isFirst = job.answers.length === 0
  const isCurrent = true
  const calls = [
    ...times(1, 4, finish(last)),
    ...job.claims.slice(0, -1).flatMap((claim) => times(1, 3, finish(claim))),
  ]
  if (isFirst && job.fate === 'cancel') {
    const cancel = async ({ metered }: Keepers) => {
      const { outcome } = await metered.cancel(ref, 'user:usr_a')
      note({ what: 'cancel', isCurrent, said: outcome, charged: 0n })
    }
    calls.push(...times(1, 3, cancel))
  }
  if (isFirst && job.fate === 'deadline') {
    const expire = async ({ metered }: Keepers) => {
      const result = await metered.expire(ref, 'deadline')
      note({ what: 'expire', isCurrent, said: endText(result), charged: 0n })
    }
    calls.push(...times(1, 3, expire))
  }
  if (isFirst && (job.fate === 'retry' || job.fate === 'hand_back')) {
    const what = job.fate
    const putBack = async ({ queue }: Keepers) => {
      const lease = { ...ref, token: last.token }
      const error = { class: 'provider_failed', message: 'It broke.' } as const
      const retry = { runAt: new Date(), error, usage: usageOf('failed') }
      const said = String(
        await (what === 'retry' ? queue.retry(lease, retry) : queue.handBack(lease))
      )
      note({ what, isCurrent, said, charged: 0n })
    }
    calls.push(...times(1, 3, putBack))
  }
  return calls
}

/** One outcome each, told alike to all, and the rows say the same. */
async function checkRows({ sql }: Keepers, jobs: Map<string, Delivered>) {
  const rows = await sql.rows<{
    id: string
    paid: bigint
    usage: bigint
    priced: bigint
    settled: bigint
    ended: bigint
  }>(
    `select j.id,
       (select coalesce(-sum(amount_micro), 0) from entries e
        where e.account_id = j.account_id and e.hold_id = j.id and e.kind = 'consume')::bigint as paid,
       (select count(*) from usage_events u where u.account_id = j.account_id and u.job_id = j.id) as usage,
       (select coalesce(sum(price_micro), 0) from usage_events u
        where u.account_id = j.account_id and u.job_id = j.id)::bigint as priced,
       (select count(*) from job_events v where v.account_id = j.account_id and v.job_id = j.id
        and v.type in ('settled', 'released')) as settled,
       (select count(*) from job_events v where v.account_id = j.account_id and v.job_id = j.id
        and v.type in ('succeeded', 'failed', 'canceled', 'expired')) as ended
     from jobs j where j.id = any ($1)`,
    [[...jobs.keys()]]
  )
  for (const { id, paid, usage, priced, settled, ended } of rows) {
    const { answers, fate } = jobs.get(id)!
    const told = `${id} (${fate}): ${answers.map(({ what, said }) => `${what} ${said}`).join(', ')}`
    const won = answers.filter(({ said }) => said.startsWith('finished'))
    const again = answers.filter(({ said }) => said === 'true')
    const retried = again.filter(({ what }) => what === 'retry')
    same(`outcomes of ${told}`, won.length, 1)
    if (again.length > 1) throw new Broken(`put back twice by one claim: ${told}`)
    if (answers.some(({ isCurrent, said }) => !isCurrent && said !== 'stale')) {
      throw new Broken(`a worker that had lost the job was heard: ${told}`)
    }
    const [{ what, said, charged }] = won
    const state = said.split(' ').slice(1).join(' ')
    const others = answers.filter(
      (one) => one.said.startsWith('resolved ') && one.what !== 'cancel'
    )
    for (const other of others)
      same(`what a repeat heard of ${told}`, other.said, `resolved ${state}`)
    same(`what was paid for ${told}`, paid, charged)
    same(`what usage says was paid for ${told}`, priced, charged)
    same(`usage rows of ${told}`, usage, (what === 'finish' ? 1 : 0) + retried.length)
    same(`settlements in the story of ${told}`, settled, 1)
    same(`ends in the story of ${told}`, ended, 1)
  }
}
