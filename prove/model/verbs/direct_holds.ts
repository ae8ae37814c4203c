import { Credits } from '#core/ledger/credits'
import type { DirectHoldEnd } from '#core/ledger/direct_holds'
import type { DirectEnd } from '../oracle/direct_holds.js'
import type { Oracle } from '../oracle/oracle.js'
import { holdRefusalText, holdRefusalTexts } from './texts.js'
import {
  accountOf,
  AMOUNTS,
  anyAccount,
  anyKey,
  nameOf,
  SECOND,
  type Maker,
  type Verbs,
} from './verb.js'

export type DirectHoldOperation =
  | {
      verb: 'open_hold'
      account: string
      hold: string
      amount: string
      key: string | null
      hash: string
      user: string | null
      seconds: number
    }
  | { verb: 'settle_hold'; hold: string; cost: string }
  | { verb: 'release_hold'; hold: string }
  | { verb: 'expire_hold'; hold: string }
  | { verb: 'sweep_holds' }

export const DIRECT_HOLD_VERBS: Verbs<DirectHoldOperation> = {
  open_hold: {
    weight: 8,
    make(maker) {
      const { random } = maker
      const account = anyAccount(maker)
      if (!account) return null
      return {
        account: account.id,
        hold: nameOf(maker, 'hld', account),
        amount: String(random.pick(AMOUNTS) * BigInt(random.between(1, 3))),
        ...anyKey(maker, account),
        user: random.pick([null, 'usr_a', 'usr_b']),
        seconds: random.pick([1, 60, 3600, 86_400]),
      }
    },
    async call({ keepers }, { account, hold, amount, key, hash, user, seconds }) {
      const result = await keepers.directHolds.open({
        accountId: account,
        holdId: hold,
        amount: Credits.fromMicro(amount),
        expiresInSeconds: seconds,
        keyId: null,
        userId: user,
        limits: [
          { scope: 'org', measure: 'requests', window: 'hour', limit: 300n, onExceed: 'refuse' },
        ],
        description: null,
        metadata: {},
        idempotency: key === null ? null : { key, requestHash: hash },
      })
      switch (result.outcome) {
        case 'refused':
          return holdRefusalText(result.refusal)
        case 'conflict':
          return `conflict ${result.usedFor.replace('gen_', 'job_')}`
        default:
          return `${result.outcome} ${result.holdId}`
      }
    },
    judge(oracle, { account, hold, amount, key, hash, user, seconds }, answer) {
      const said = oracle.directHolds.open({
        account,
        id: hold,
        amount: BigInt(amount),
        model: null,
        kind: null,
        key,
        hash,
        expiresAt: oracle.now + seconds * SECOND,
        subject: { org: account, user },
        needs: { requests: 1n, concurrency: 1n, credits: BigInt(amount) },
        limits: [{ scope: 'org', measure: 'requests', window: 'hour', max: 300n }],
      })
      if (said.outcome !== 'refused') return `${said.outcome} ${said.id}`
      const texts = holdRefusalTexts(said.refusal)
      return texts.includes(answer) ? answer : texts[0]
    },
  },

  settle_hold: {
    weight: 5,
    make(maker) {
      const found = withHold(maker)
      if (!found) return null
      const { amount } = maker.oracle.of(accountOf(found.hold)).holds.get(found.hold)!
      const costs = [amount, amount / 2n, 1n, 0n, amount + 1n]
      return { ...found, cost: String(maker.random.pick(costs)) }
    },
    applies: hasAccount,
    call: async ({ keepers }, { hold, cost }) =>
      endText(
        await keepers.directHolds.settle({ ...refOf(hold), cost: Credits.fromMicro(cost), actor })
      ),
    judge: (oracle, { hold, cost }) =>
      endText(oracle.directHolds.end(accountOf(hold), hold, 'settled', BigInt(cost))),
  },

  release_hold: {
    weight: 2,
    make: withHold,
    applies: hasAccount,
    call: async ({ keepers }, { hold }) =>
      endText(await keepers.directHolds.release({ ...refOf(hold), actor })),
    judge: (oracle, { hold }) => endText(oracle.directHolds.end(accountOf(hold), hold, 'released')),
  },

  expire_hold: {
    weight: 1,
    make: withHold,
    applies: hasAccount,
    call: async ({ keepers }, { hold }) => endText(await keepers.directHolds.expire(refOf(hold))),
    judge: (oracle, { hold }) => endText(oracle.directHolds.end(accountOf(hold), hold, 'expired')),
  },

  sweep_holds: {
    weight: 1.5,
    make: () => ({}),
    async call({ keepers }) {
      const due = await keepers.directHolds.due(10_000)
      for (const ref of due) await keepers.directHolds.expire(ref)
      return due.map(({ holdId }) => holdId)
    },
    judge({ directHolds }, _, answer: string[]) {
      const expected = directHolds.due().map(({ id }) => id)
      // Which goes first is the sweeper's own matter.
      if (answer.toSorted().join() !== expected.toSorted().join()) return expected
      for (const id of answer) directHolds.end(accountOf(id), id, 'expired')
      return answer
    },
  },
}

const actor = 'key:key_a'
const refOf = (hold: string) => ({ accountId: accountOf(hold), holdId: hold })

function hasAccount(oracle: Oracle, { hold }: { hold: string }): boolean {
  return oracle.accounts.has(accountOf(hold))
}

function endText(end: DirectHoldEnd | DirectEnd): string {
  if ('state' in end) return `${end.outcome} ${end.state}`
  if ('held' in end) {
    return `${end.outcome} ${typeof end.held === 'bigint' ? end.held : end.held.micro}`
  }
  return end.outcome
}

/** A direct hold, one that is open more often than not. */
function withHold({ random, oracle }: Maker): { hold: string } | null {
  const all = [...oracle.accounts.values()].flatMap(({ directHolds, holds }) =>
    [...directHolds.keys()].map((id) => holds.get(id)!)
  )
  const open = all.filter(({ state }) => state === 'held')
  const from = open.length > 0 && random.chance(0.8) ? open : all
  return from.length > 0 ? { hold: random.pick(from).id } : null
}
