import { MovementFault } from '#core/ledger/errors'
import type { Oracle } from '../oracle/oracle.js'
import { arrive, receive, send } from '../oracle/transfers.js'
import type { Keepers } from '../../harness/keepers.js'
import { anyAccount, type Maker, type Verbs } from './verb.js'

export type TransferOperation =
  | { verb: 'send'; account: string; to: string; ref: string }
  | { verb: 'receive'; account: string; ref: string }
  | { verb: 'arrive'; account: string; ref: string }

const why = { actor: 'user:usr_a', reason: 'two became one' } as const

export const TRANSFER_VERBS: Verbs<TransferOperation> = {
  send: {
    weight: 2,
    make(maker) {
      const { random, oracle, name } = maker
      const debtor = [...oracle.accounts.values()].find(({ overdraft }) => overdraft > 0n)
      const account = debtor && random.chance(0.3) ? debtor : anyAccount(maker)
      const others = [...oracle.accounts.keys()].filter((id) => id !== account?.id)
      if (!account || others.length === 0) return null
      const to = random.pick(others)
      const used = [account, oracle.of(to)].flatMap(({ transfers }) => [...transfers.keys()])
      const ref = used.length > 0 && random.chance(0.35) ? random.pick(used) : name('ref')
      return { account: account.id, to, ref }
    },
    applies: (oracle, { to }) => oracle.accounts.has(to),
    async call({ keepers }, { account, to, ref }) {
      const result = await keepers.ledger.transferOut({
        accountId: account,
        to,
        reference: ref,
        ...why,
      })
      return result.outcome === 'refused' ? result.refusal.type : result.outcome
    },
    judge: (oracle, { account, to, ref }) => send(oracle, { account, to, ref }).outcome,
  },

  receive: {
    weight: 3,
    make: (maker) => withTransfer(maker),
    applies: isSent,
    async call({ keepers, oracle }, { account, ref }) {
      const transfer = await transferOf(keepers, oracle, account, ref)
      return keepers.ledger.transferIn(transfer).catch((error) => {
        if (error instanceof MovementFault) return 'reference_reused'
        throw error
      })
    },
    judge: (oracle, { account, ref }) => receive(oracle, { from: account, ref }),
  },

  arrive: {
    weight: 2,
    make: (maker) => withTransfer(maker, true),
    applies: (oracle, operation) => isSent(oracle, operation) && isReceived(oracle, operation),
    async call({ keepers, oracle }, { account, ref }) {
      await keepers.ledger.transferArrived(await transferOf(keepers, oracle, account, ref))
    },
    judge: (oracle, { account, ref }) => arrive(oracle, { from: account, ref }),
  },
}

type Named = { account: string; ref: string }

function isSent(oracle: Oracle, { account, ref }: Named): boolean {
  return oracle.of(account).transfers.get(ref)?.direction === 'out'
}

function isReceived(oracle: Oracle, { account, ref }: Named): boolean {
  const { peer } = oracle.of(account).transfers.get(ref)!
  const other = oracle.of(peer).transfers.get(ref)
  return other?.direction === 'in' && other.peer === account
}

/** A transfer, one that is under way more often than not. */
function withTransfer({ random, oracle }: Maker, received = false): Named | null {
  const all = [...oracle.accounts.values()].flatMap(({ id, transfers }) =>
    [...transfers].filter(([, { direction }]) => direction === 'out').map(([ref]) => [id, ref])
  )
  const sent = all
    .map(([account, ref]) => ({ account, ref }))
    .filter((named) => !received || isReceived(oracle, named))
  const underWay = sent.filter(
    ({ account, ref }) => !oracle.of(account).transfers.get(ref)!.arrived
  )
  const from = underWay.length > 0 && random.chance(0.8) ? underWay : sent
  return from.length > 0 ? random.pick(from) : null
}

/** As whoever ends a transfer has it: from the first half, which may be asked again. */
async function transferOf({ ledger }: Keepers, oracle: Oracle, account: string, ref: string) {
  const { peer: to } = oracle.of(account).transfers.get(ref)!
  const again = await ledger.transferOut({ accountId: account, to, reference: ref, ...why })
  if (again.outcome !== 'exists') throw new Error(`transfer ${ref} is ${again.outcome} now`)
  return again.transfer
}
