import { setClock } from '../../harness/clock.js'
import type { Account } from '../oracle/account.js'
import type { Oracle } from '../oracle/oracle.js'
import type { Micros } from '../windows.js'
import { anyAccount, dateOf, DAY, HOUR, SECOND, ZONES, type Verbs } from './verb.js'

export type AccountOperation =
  | { verb: 'open'; account: string; zone: string }
  | { verb: 'zone'; account: string; zone: string }
  | { verb: 'close'; account: string }
  | { verb: 'reopen'; account: string }
  | { verb: 'balance'; account: string }
  | { verb: 'past_balance'; account: string; back: number }
  | { verb: 'wait'; lasts: Micros }

export const ACCOUNT_VERBS: Verbs<AccountOperation> = {
  open: {
    weight: 1.5,
    make({ random, oracle }) {
      const account = `org_${oracle.accounts.size}`
      return oracle.accounts.size < 3 ? { account, zone: random.pick(ZONES) } : null
    },
    call: ({ keepers }, { account, zone }) => keepers.ledger.open(account, zone).then(() => 'open'),
    judge(oracle, { account, zone }) {
      oracle.open(account, zone)
      return 'open'
    },
  },

  zone: {
    weight: 0.5,
    make(maker) {
      const account = anyAccount(maker)
      return account && { account: account.id, zone: maker.random.pick(ZONES) }
    },
    async call({ keepers }, { account, zone }) {
      await keepers.sql.rows('update accounts set timezone = $2 where id = $1', [account, zone])
    },
    judge(oracle, { account, zone }) {
      oracle.of(account).zone = zone
    },
  },

  close: {
    weight: 0.5,
    make(maker) {
      const account = anyAccount(maker)
      return account && maker.oracle.accounts.size > 2 ? { account: account.id } : null
    },
    call: ({ keepers }, { account }) => keepers.ledger.setState(account, 'closed'),
    judge(oracle, { account }) {
      oracle.of(account).closed = true
      return true
    },
  },

  reopen: {
    weight: 0.8,
    make({ random, oracle }) {
      const closed = [...oracle.accounts.values()].filter((account) => account.closed)
      return closed.length > 0 ? { account: random.pick(closed).id } : null
    },
    call: ({ keepers }, { account }) => keepers.ledger.setState(account, 'open'),
    judge(oracle, { account }) {
      oracle.of(account).closed = false
      return true
    },
  },

  balance: {
    weight: 2,
    make(maker) {
      const account = anyAccount(maker)
      return account && { account: account.id }
    },
    async call({ keepers }, { account }) {
      const { available, held, overdraft } = await keepers.ledger.balance(account)
      return { available: available.micro, held: held.micro, overdraft: overdraft.micro }
    },
    judge(oracle, { account }) {
      const of = oracle.of(account)
      return of.balance(of.clock(oracle.now))
    },
  },

  past_balance: {
    weight: 1,
    make(maker) {
      const account = anyAccount(maker)
      if (!account || account.past.length === 0) return null
      return { account: account.id, back: maker.random.between(1, account.past.length) }
    },
    applies: (oracle, { account, back }) => momentOf(oracle, account, back) !== undefined,
    async call({ keepers, oracle }, { account, back }) {
      const { at } = momentOf(oracle, account, back)!
      const then = await keepers.ledger.balanceAt(account, dateOf(at))
      const { available, held, overdraft } = then
      return { available: available.micro, held: held.micro, overdraft: overdraft.micro }
    },
    judge: (oracle, { account, back }) => momentOf(oracle, account, back)!.balance,
  },

  wait: {
    weight: 12,
    make({ random, oracle }) {
      // Often to the very tick at which something changes, sometimes to just before it.
      const ahead = [...oracle.accounts.values()]
        .flatMap(ticksOf)
        .filter((tick) => tick !== null && tick > oracle.now && Number.isFinite(tick))
      if (ahead.length > 0 && random.chance(0.5)) {
        const lasts = (random.pick(ahead) as Micros) - oracle.now - (random.chance(0.2) ? 1000 : 0)
        if (lasts <= 40 * DAY) return { lasts }
      }
      if (random.chance(0.05)) return { lasts: -HOUR }
      return { lasts: random.pick([1000, SECOND, 40 * SECOND, HOUR, 9 * HOUR]) }
    },
    async call({ keepers, oracle }, { lasts }) {
      await setClock(keepers.sql, oracle.now + lasts)
    },
    judge: (oracle, { lasts }) => oracle.wait(lasts),
  },
}

const momentOf = (oracle: Oracle, account: string, back: number) =>
  oracle.of(account).past.at(-back)

function ticksOf({ grants, jobs, limits, directHolds }: Account): (Micros | null)[] {
  return [
    ...grants.map(({ expiresAt }) => expiresAt),
    ...[...jobs.values()].flatMap(({ leaseUntil, deadline, runAt }) => [
      ...[leaseUntil, deadline, runAt],
    ]),
    ...[...directHolds.values()].map(({ expiresAt }) => expiresAt),
    ...[...limits.counters.values()].map(({ window }) => window.end),
  ]
}
