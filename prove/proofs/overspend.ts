import { startChild } from '../../benchmarks/harness/child.js'
import { connect } from '../harness/keepers.js'
import { Random } from '../model/random.js'
import { budgetOf, fitBudget, isOverBudget } from '../overspend/budget.js'
import { fitSerialOrder, type Opening } from '../overspend/serial_order.js'
import type { Answered, Call, Orders } from '../overspend/calls.js'
import { Broken, same, type Proof } from '../proof.js'

const CALLER = new URL('../overspend/caller.ts', import.meta.url)
const SIZES = {
  small: { rounds: 1, processes: 3, atOnce: 8, accounts: 2, calls: 500 },
  ci: { rounds: 1, processes: 8, atOnce: 6, accounts: 20, calls: 36_500 },
  release: { rounds: 1000, processes: 8, atOnce: 8, accounts: 20, calls: 10_000 },
}
const DUPLICATED = 0.3
const AMOUNTS = [1n, 250_000n, 1_000_000n, 1_500_001n, 4_000_000n]

/** Many processes at once on few accounts, and never a credit or a place more than there is. */
export default {
  name: 'overspend',
  about:
    'parallel holds over several processes, amounts, caps, duplicates, ends and refills mixed, under a budget over all: what passes fits a serial order and leaves what the oracle says; released, every cap is whole again; the budget is never passed',
  async run({ server, seed, size, mutant, tell, isTimeUp }) {
    const { rounds: usual, ...rest } = SIZES[size]
    // A race may be missed once.
    const rounds = mutant ? 4 : usual
    const counts = { calls: 0, started: 0, refused: 0, overBudget: 0, repeated: 0 }
    let round = 0
    for (; round < rounds && !isTimeUp(); round++) {
      await using lifetime = new AsyncDisposableStack()
      const url = await server.database(lifetime, 'plain', mutant)
      const random = new Random(seed + round)
      const log = await runRound(lifetime, { url, random, directory: server.directory, ...rest })
      for (const { answer } of log) {
        counts.calls++
        if (answer.startsWith('started')) counts.started++
        else if (isOverBudget(answer)) counts.overBudget++
        else if (/^(insufficient|limit)/.test(answer)) counts.refused++
        else if (/^(exists|conflict)/.test(answer)) counts.repeated++
      }
      if (rounds > 1) tell(`round ${round + 1} of ${rounds}, seed ${seed + round}: fits`)
    }
    // A proof in which nothing was refused, or nothing passed, has not looked.
    for (const [what, count] of Object.entries(counts)) {
      if (count === 0 && !mutant) throw new Broken(`none was ${what}: the run shows nothing`)
    }
    return { ...counts, processes: rest.processes, rounds: round }
  },
} satisfies Proof

interface Round {
  url: string
  random: Random
  directory: string
  processes: number
  atOnce: number
  accounts: number
  calls: number
}

async function runRound(lifetime: AsyncDisposableStack, round: Round): Promise<Answered[]> {
  const { url, random, directory, processes, atOnce } = round
  const keepers = connect(url)
  lifetime.defer(() => keepers.close())
  const openings = openingsOf(round)
  const budget = budgetOf(round)
  await keepers.budgets.set(budget, 'system:prove')
  for (const { account, zone, rules } of openings) {
    await keepers.ledger.open(account, zone)
    for (const { scope, id, measure, window, max, beyond = 'refuse' } of rules) {
      await keepers.sql.rows('insert into limit_rules values ($1, $2, $3, $4, $5, $6, $7)', [
        account,
        scope,
        id,
        measure,
        window,
        String(max),
        beyond,
      ])
    }
  }

  const plans = plan(round, random)
  const children = plans.map(() => startChild(lifetime, { file: CALLER, directory }))
  const logs = await Promise.all(
    plans.map((calls, n) => children[n].ask<Answered[]>({ url, calls, atOnce } satisfies Orders))
  )
  const last = startChild(lifetime, { file: CALLER, directory })
  const open = await keepers.sql.rows<{ id: string }>(`select id from jobs where state = 'queued'`)
  const cancels = open.map(({ id }): Call => ({ verb: 'cancel', job: id }))
  const ends = await last.ask<Answered[]>({ url, calls: cancels, atOnce: processes })

  const log = [...logs, ends].flat()
  await fitSerialOrder(keepers.sql, openings, log)
  const violations = await keepers.ledger.verify()
  same('violations of the ledger', JSON.stringify(violations), '[]')
  const { held } = await keepers.sql.row<{ held: bigint }>(
    `select (select coalesce(sum(held), 0) from counters)::bigint
       + (select sum(held_micro) from accounts)::bigint as held`
  )
  same('held once all is released', held, 0n)
  await fitBudget(keepers, budget)
  return log
}

/** Caps that bind: a member's credits, the account's jobs at once, images a day; and one that only observes. */
function openingsOf({ accounts, calls }: Round): Opening[] {
  const share = BigInt(Math.ceil(calls / accounts))
  return Array.from({ length: accounts }, (_, n) => ({
    account: `org_${n}`,
    zone: n % 2 === 0 ? 'UTC' : 'Europe/Berlin',
    rules: [
      { scope: 'user', id: '*', measure: 'credits', window: 'total', max: share * 120_000n },
      { scope: 'user', id: 'usr_a', measure: 'credits', window: 'total', max: share * 90_000n },
      { scope: 'org', id: '*', measure: 'concurrency', window: 'total', max: share / 5n + 3n },
      { scope: 'org', id: '*', measure: 'images', window: 'day', max: share },
      { scope: 'org', id: '*', measure: 'requests', window: 'hour', max: 1_000_000n },
      { scope: 'model', id: '*', measure: 'images', window: 'total', max: 2n, beyond: 'observe' },
    ],
  }))
}

/** The calls of each process. A duplicate goes to the next one, at about the same time. */
function plan({ processes, accounts, calls }: Round, random: Random): Call[][] {
  const plans = Array.from({ length: processes }, (): Call[] => [])
  const started: string[] = []
  for (let n = 0; n < calls; n++) {
    const mine = n % processes
    const index = random.between(0, accounts - 1)
    const account = `org_${index}`
    const verb = random.weighted({ start: 65, grant: 10, cancel: 8, work: 16, return: 1 })
    const refill = n < accounts * 3
    if (refill || verb === 'grant') {
      plans[mine].push({
        verb: 'grant',
        account: refill ? `org_${n % accounts}` : account,
        ref: random.chance(DUPLICATED) && n > 0 ? `r_${n - 1}` : `r_${n}`,
        amount: String(random.between(1, 12) * 500_000),
        priority: random.pick([20, 50, 50]),
        lasts: null,
      })
    } else if (verb === 'start') {
      const key = random.chance(0.6) ? `k_${n}` : null
      const call: Call = {
        verb: 'start',
        account,
        job: `job_${index}_${n}`,
        hold: String(random.pick(AMOUNTS)),
        key,
        hash: 'same',
        user: random.pick([null, 'usr_a', 'usr_b']),
        model: 'acme/painter',
        images: random.between(1, 2),
        lasts: 0,
      }
      plans[mine].push(call)
      started.push(call.job)
      if (key && random.chance(DUPLICATED * 1.6)) {
        const hash = random.chance(0.1) ? 'other' : 'same'
        const other = plans[(mine + 1) % processes]
        other.push({ ...call, job: `${call.job}_2`, hash })
      }
    } else if (verb === 'return') {
      plans[mine].push({ verb })
    } else if (verb === 'cancel' && started.length > 0) {
      plans[mine].push({ verb: 'cancel', job: random.pick(started.slice(-40)) })
    } else {
      const state = random.chance(0.8) ? 'succeeded' : 'failed'
      const delivered = random.between(0, 2)
      plans[mine].push({ verb: 'work', part: random.between(0, 120), state, delivered })
    }
  }
  return plans
}
