import type { Micros } from '../windows.js'
import { leaseOf, tokenOf, usageOf, withLease } from './generations.js'
import { accountOf, dateOf, HOUR, SECOND, type Verbs } from './verb.js'

export type QueueOperation =
  | { verb: 'claim'; limit: number; lease: Micros }
  | { verb: 'heartbeat'; job: string; behind: number; lease: Micros }
  | { verb: 'hand_off'; job: string; behind: number }
  | { verb: 'hand_back'; job: string; behind: number }
  | { verb: 'retry'; job: string; behind: number; after: Micros; free: boolean; keep: boolean }
  | { verb: 'requeue' }
  | { verb: 'sweep' }

export const QUEUE_VERBS: Verbs<QueueOperation> = {
  claim: {
    weight: 18,
    make: ({ random }) => ({
      limit: random.pick([1, 1, 2, 5]),
      lease: random.pick([SECOND, 30 * SECOND, 30 * SECOND, 4 * HOUR]),
    }),
    async call({ keepers }, { limit, lease }) {
      const jobs = await keepers.queue.claim({
        worker: 'prover',
        kinds: ['generation'],
        limit,
        leaseMs: lease / 1000,
      })
      return jobs.map(({ id, attempt, token }) => `${id} ${attempt} ${token}`).sort()
    },
    judge({ jobs, now }, { limit, lease }, answer: string[]) {
      jobs.passBy()
      const due = jobs.all().filter((job) => jobs.isDue(job))
      const certain = due.filter(({ passedBy }) => !passedBy)
      const ids = answer.map((line) => line.split(' ')[0])
      // Which of those that are due is the queue's own matter.
      const isFair =
        ids.length >= Math.min(limit, certain.length) &&
        ids.length <= limit &&
        ids.every((id) => due.some((job) => job.id === id))
      if (!isFair) return `${Math.min(limit, due.length)} of ${due.map(({ id }) => id).join(' ')}`
      return ids.map((id) => {
        const account = accountOf(id)
        jobs.claim(account, id, now + lease)
        const { attempt, token } = jobs.of(account, id)
        return `${id} ${attempt} ${token}`
      })
    },
  },

  heartbeat: {
    weight: 2,
    make: (maker) => withLease(maker, () => ({ lease: maker.random.pick([SECOND, 30 * SECOND]) })),
    async call({ keepers, oracle }, { job, behind, lease }) {
      const kept = await keepers.queue.heartbeat([leaseOf(oracle, job, behind)], lease / 1000)
      return kept.map(({ cancelRequested }) => ({ cancelRequested }))
    },
    judge(oracle, { job, behind, lease }) {
      const kept = oracle.jobs.heartbeat(tokenOf(oracle, job, behind), oracle.now + lease)
      return kept ? [kept] : []
    },
  },

  hand_off: {
    weight: 3,
    make: (maker) => withLease(maker, () => ({})),
    call: ({ keepers, oracle }, { job, behind }) =>
      keepers.queue.handOff(leaseOf(oracle, job, behind), { task: job }),
    judge: (oracle, { job, behind }) => oracle.jobs.handOff(tokenOf(oracle, job, behind)),
  },

  hand_back: {
    weight: 4,
    make: (maker) => withLease(maker, () => ({})),
    call: ({ keepers, oracle }, { job, behind }) =>
      keepers.queue.handBack(leaseOf(oracle, job, behind)),
    judge: (oracle, { job, behind }) => oracle.jobs.handBack(tokenOf(oracle, job, behind)),
  },

  retry: {
    weight: 4,
    make: (maker) =>
      withLease(maker, () => ({
        after: maker.random.pick([0, SECOND, 20 * SECOND]),
        free: maker.random.chance(0.3),
        keep: maker.random.chance(0.3),
      })),
    call: ({ keepers, oracle }, { job, behind, after, free, keep }) =>
      keepers.queue.retry(leaseOf(oracle, job, behind), {
        runAt: dateOf(oracle.appNow + after),
        error: { class: 'provider_failed', message: 'It broke.' },
        free,
        keepHandle: keep,
        usage: free ? undefined : usageOf('failed'),
      }),
    judge: (oracle, { job, behind, after, free, keep }) =>
      oracle.jobs.retry(tokenOf(oracle, job, behind), {
        runAt: oracle.appNow + after,
        isFree: free,
        keepHandle: keep,
      }),
  },

  requeue: {
    weight: 3,
    make: () => ({}),
    async call({ keepers }) {
      const lost = await keepers.queue.requeueLost(10_000)
      return lost.map(({ jobId }) => jobId).sort()
    },
    judge: (oracle) => oracle.jobs.requeueLost().sort(),
  },

  sweep: {
    weight: 2,
    make: () => ({}),
    async call({ keepers }) {
      const overdue = await keepers.queue.overdue(10_000)
      for (const { reason, ...ref } of overdue) await keepers.metered.expire(ref, reason)
      return overdue.map(({ jobId }) => jobId)
    },
    judge({ jobs }, _, answer: string[]) {
      const overdue = jobs.all().filter((job) => jobs.isOverdue(job))
      const expected = overdue.map(({ id }) => id).sort()
      // Which goes first is the sweeper's own matter.
      if (answer.toSorted().join() !== expected.join()) return expected
      for (const id of answer) jobs.expire(accountOf(id), id)
      return answer
    },
  },
}
