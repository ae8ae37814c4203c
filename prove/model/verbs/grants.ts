import { Credits } from '#core/ledger/credits'
import { AccountClosedFault, ExpiryPastFault } from '#core/ledger/errors'
import type { GrantRequest } from '#core/ledger/types'
import type { LimitMeasure, LimitScope, LimitWindow, OnExceed } from '#core/quota/limit_rule'
import type { Account } from '../oracle/account.js'
import type { Restriction } from '../oracle/facts.js'
import type { Micros } from '../windows.js'
import { AMOUNTS, anyAccount, dateOf, DAY, HOUR, MODELS, SECOND, type Verbs } from './verb.js'

export type GrantOperation =
  | {
      verb: 'grant'
      account: string
      ref: string
      amount: string
      priority: number
      lasts: Micros | null
      only?: Restriction
    }
  | { verb: 'expire_grants'; account: string }
  | {
      verb: 'rule'
      account: string
      scope: LimitScope
      id: string
      measure: LimitMeasure
      window: LimitWindow
      max: string
      /** `refuse` where nothing is said. */
      beyond?: OnExceed
    }

/** Of grants that somebody was told of, by the reference they were granted with. */
export function refsOf(account: Account): string[] {
  return account.grants
    .filter(({ ref }) => ref.startsWith('prove:'))
    .map(({ ref }) => ref.replace('prove:', ''))
}

export const GRANT_VERBS: Verbs<GrantOperation> = {
  grant: {
    weight: 8,
    make(maker) {
      const { random, name } = maker
      const account = anyAccount(maker)
      if (!account) return null
      const known = refsOf(account)
      const moments = [null, null, 3 * SECOND, HOUR, 5 * HOUR, DAY, 20 * DAY, 60 * DAY]
      const model = random.pick(MODELS)
      const only = random.pick([{ models: [model] }, { kinds: ['image'] }, { kinds: ['video'] }])
      return {
        account: account.id,
        ref: known.length > 0 && random.chance(0.2) ? random.pick(known) : name('r'),
        amount: String(random.pick(AMOUNTS) * BigInt(random.between(1, 4))),
        priority: random.pick([0, 20, 50, 50, 50, 100]),
        lasts: random.pick(moments),
        ...(random.chance(0.1) && { only }),
      }
    },
    async call({ keepers, oracle }, { account, ref, amount, priority, lasts, only = null }) {
      const request: GrantRequest = {
        accountId: account,
        kind: 'admin',
        amount: Credits.fromMicro(amount),
        source: 'prove',
        sourceRef: ref,
        actor: 'system:prove',
        reason: 'to be spent',
        priority,
        expiresAt: lasts === null ? null : dateOf(oracle.appNow + lasts),
        restrictedTo: only,
      }
      try {
        const { outcome, grantId, balance } = await keepers.ledger.grant(request)
        const { available, held } = balance
        return { outcome, id: grantId, available: available.micro, held: held.micro }
      } catch (error) {
        if (error instanceof AccountClosedFault) return { outcome: 'closed' }
        if (error instanceof ExpiryPastFault) return { outcome: 'past' }
        throw error
      }
    },
    judge(oracle, { account, ref, amount, priority, lasts, only = null }, answer) {
      const said = oracle.grant(account, {
        id: answer.id,
        ref: `prove:${ref}`,
        kind: 'admin',
        amount: BigInt(amount),
        priority,
        expiresAt: lasts === null ? null : oracle.appNow + lasts,
        only,
      })
      if (!('id' in said)) return said
      const of = oracle.of(account)
      const { available, held } = of.balance(of.clock(oracle.now))
      return { ...said, available, held }
    },
  },

  expire_grants: {
    weight: 2,
    make(maker) {
      const account = anyAccount(maker)
      return account && { account: account.id }
    },
    call: ({ keepers }, { account }) => keepers.ledger.expireGrants(account),
    judge: (oracle, { account }) => oracle.expireGrants(account),
  },

  rule: {
    weight: 2.5,
    make(maker) {
      const { random } = maker
      const account = anyAccount(maker)
      if (!account) return null
      const scope = random.pick(['org', 'user', 'model'] as const)
      const measure = random.pick([
        ...(['requests', 'credits', 'credits', 'images', 'concurrency'] as const),
      ])
      const beyond = random.pick(['refuse', 'refuse', 'observe', 'queue', 'queue'] as const)
      // What waits is let go within its deadline; a total never clears but for what runs at once.
      const windows: Record<OnExceed, LimitWindow[]> = {
        refuse: ['minute', 'hour', 'day', 'month', 'total'],
        observe: ['minute', 'hour', 'day', 'month', 'total'],
        queue: measure === 'concurrency' ? ['total'] : ['minute', 'minute', 'hour', 'day'],
      }
      const most = { requests: 12, credits: 15_000_000, images: 12, concurrency: 4 }[measure]
      return {
        account: account.id,
        scope,
        id: scope === 'user' && random.chance(0.5) ? 'usr_a' : '*',
        measure,
        window: random.pick(windows[beyond]),
        max: String(random.between(Math.ceil(most / 4), most)),
        beyond,
      }
    },
    async call({ keepers }, { account, scope, id, measure, window, max, beyond = 'refuse' }) {
      await keepers.sql.rows(
        `insert into limit_rules (account_id, scope, scope_id, measure, "window", max, on_exceed)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (account_id, scope, scope_id, measure, "window")
         do update set max = excluded.max, on_exceed = excluded.on_exceed`,
        [account, scope, id, measure, window, max, beyond]
      )
    },
    judge(oracle, { account, scope, id, measure, window, max, beyond = 'refuse' }) {
      oracle.of(account).limits.set({ scope, id, measure, window, max: BigInt(max), beyond })
    },
  },
}
