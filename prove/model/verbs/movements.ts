import { Credits } from '#core/ledger/credits'
import { correct } from '../oracle/corrections.js'
import { clawBack } from '../oracle/claw_backs.js'
import { refund } from '../oracle/refunds.js'
import type { Account } from '../oracle/account.js'
import { refsOf } from './grants.js'
import {
  accountOf,
  AMOUNTS,
  anyAccount,
  dateOf,
  refusalText,
  SECOND,
  type Maker,
  type Verbs,
} from './verb.js'

export type MovementOperation =
  | { verb: 'refund'; hold: string; ref: string; amount: string }
  | { verb: 'correct'; account: string; ref: string; amount: string }
  | {
      verb: 'claw_back'
      account: string
      ref: string
      charged: number
      refunded: number
      disputed: number
      /** By the seller's clock. */
      second: number
    }

const why = { actor: 'user:usr_a', reason: 'it had to be' } as const
/** When the seller's clock began. */
const SHOP_OPENED = Date.parse('2026-01-01T00:00:00Z') * 1000

export const MOVEMENT_VERBS: Verbs<MovementOperation> = {
  refund: {
    weight: 6,
    make(maker) {
      const { random, oracle } = maker
      const holds = [...oracle.accounts.values()].flatMap((account) => [...account.holds.values()])
      const settled = holds.filter(({ cost }) => cost !== null && cost > 0n)
      const from = settled.length > 0 && random.chance(0.9) ? settled : holds
      if (from.length === 0) return null
      const { id, cost } = random.pick(from)
      const told = [...oracle.of(accountOf(id)).refunds]
      if (told.length > 0 && random.chance(0.06)) {
        // Told again, now and then with another amount.
        const [ref, earlier] = random.pick(told)
        const amount = earlier.amount + (random.chance(0.5) ? 1n : 0n)
        return { ref, hold: earlier.hold, amount: String(amount) }
      }
      const part = (cost ?? 0n) / random.pick([1n, 2n, 3n])
      const amount = random.pick([part, part, 1n, part + 1n])
      return {
        hold: random.chance(0.03) ? `${id}_none` : id,
        ref: referenceOf(maker, [...oracle.of(accountOf(id)).refunds.keys()]),
        amount: String(amount > 0n ? amount : 1n),
      }
    },
    applies: (oracle, { hold }) => oracle.accounts.has(accountOf(hold)),
    async call({ keepers }, { hold, ref, amount }) {
      const result = await keepers.ledger.refund({
        accountId: accountOf(hold),
        holdId: hold,
        reference: ref,
        amount: Credits.fromMicro(amount),
        ...why,
      })
      return movedText(result)
    },
    judge: (oracle, { hold, ref, amount }) =>
      answerText(refund(oracle, { account: accountOf(hold), hold, ref, amount: BigInt(amount) })),
  },

  correct: {
    weight: 4,
    make(maker) {
      const { random, oracle } = maker
      const closed = [...oracle.accounts.values()].find((account) => account.closed)
      const account = closed && random.chance(0.3) ? closed : anyAccount(maker)
      if (!account) return null
      const told = [...account.corrections]
      if (told.length > 0 && random.chance(0.05)) {
        const [ref, amount] = random.pick(told)
        return { account: account.id, ref, amount: String(amount) }
      }
      const { available } = account.balance(account.clock(oracle.now))
      const amount = random.pick([
        ...[...AMOUNTS, 3n * AMOUNTS[2], -1n, -available, -available / 2n, -available - 1n],
      ])
      return {
        account: account.id,
        ref: referenceOf(maker, [...account.corrections.keys()]),
        amount: String(amount === 0n ? 1n : amount),
      }
    },
    async call({ keepers }, { account, ref, amount }) {
      const result = await keepers.ledger.correct({
        accountId: account,
        reference: ref,
        amount: Credits.fromMicro(amount),
        ...why,
      })
      // Its grant has a name of its own, by which it is drawn.
      const grant = await keepers.sql.row<{ id: string } | undefined>(
        `select id from grants where account_id = $1 and source = 'correction' and source_ref = $2`,
        [account, ref]
      )
      return { said: movedText(result), grant: grant?.id ?? null }
    },
    judge(oracle, { account, ref, amount }, answer) {
      const request = { account, ref, grant: answer.grant ?? '', amount: BigInt(amount) }
      const said = answerText(correct(oracle, request))
      return { said, grant: oracle.of(account).grantBy(`correction:${ref}`)?.id ?? null }
    },
  },

  claw_back: {
    weight: 6,
    make(maker) {
      const { random } = maker
      const account = anyAccount(maker)
      const refs = account ? refsOf(account) : []
      if (!account || refs.length === 0) return null
      // Those that the books spoke of before come again, so that disputes are won, too.
      const told = refs.filter((ref) => isTold(account, ref))
      const ref = random.pick(told.length > 0 && random.chance(0.5) ? told : refs)
      return {
        account: account.id,
        ref: random.chance(0.02) ? 'never bought' : ref,
        charged: 997,
        refunded: random.pick([0, 0, 0, 1, 333, 500, 997]),
        disputed: random.pick([0, 0, 997, 499]),
        second: random.between(0, 40),
      }
    },
    async call({ keepers }, { account, ref, charged, refunded, disputed, second }) {
      const result = await keepers.ledger.clawBack({
        accountId: account,
        source: 'prove',
        sourceRef: ref,
        charged: BigInt(charged),
        refunded: BigInt(refunded),
        disputed: BigInt(disputed),
        asOf: dateOf(SHOP_OPENED + second * SECOND),
        ...why,
      })
      return movedText(result)
    },
    judge: (oracle, { account, ref, charged, refunded, disputed, second }) =>
      answerText(
        clawBack(oracle, {
          account,
          ref: `prove:${ref}`,
          charged: BigInt(charged),
          refunded: BigInt(refunded),
          disputed: BigInt(disputed),
          asOf: SHOP_OPENED + second * SECOND,
        })
      ),
  },
}

const isTold = (account: Account, ref: string) =>
  account.clawBacks.has(account.grantBy(`prove:${ref}`)!.id)

/** A reference, now and then one that was used. */
function referenceOf({ random, name }: Maker, used: string[]): string {
  return used.length > 0 && random.chance(0.15) ? random.pick(used) : name('ref')
}

/** What the contract answers, in a line. */
export function movedText(result: { outcome: string; refusal?: { type: string } }): string {
  return result.refusal ? refusalText(inMicro(result.refusal)) : answerText(inMicro(result))
}

function inMicro<Result extends object>(result: Result): Result {
  const facts = Object.entries(result).map(([name, fact]) => [
    ...[name, fact instanceof Credits ? fact.micro : fact],
  ])
  return Object.fromEntries(facts)
}

/** What the oracle answers, in a line. */
export function answerText({ outcome, ...facts }: { outcome: string }): string {
  return refusalText({ type: outcome, ...facts })
}
