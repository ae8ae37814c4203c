import { test } from '@japa/runner'
import type { LimitRule } from '#core/quota/limit_rule'
import type { StartRequest, StartResult } from '#core/queue/metered_jobs'
import { balanceOf, countOf, credits, outcomeOf, startRequest, started } from './requests.js'
import type { World } from './world.js'

type Options = Parameters<typeof startRequest>[1]

const rule = (options: Partial<LimitRule>): LimitRule => ({
  scope: 'org',
  measure: 'requests',
  window: 'total',
  limit: 3n,
  onExceed: 'refuse',
  ...options,
})
const once = (requestHash: string) => ({ idempotency: { key: 'once', requestHash } })

/** Starts of one moment, which a keeper may work on as one. Nobody must be able to tell. */
export function togetherSuite(world: () => World) {
  /** One of each kind of account, and what is asked of it: more than it can give, in all orders. */
  const PARTS: Record<string, () => Promise<[accountId: string, asks: Options[]]>> = {
    'with enough': async () => [
      await world().newAccount(),
      [{ hold: '3' }, { hold: '0.000001' }, { hold: '20', limits: [rule({})] }, { hold: '0' }],
    ],
    'whose grants end one after the other': async () => {
      const account = await world().newAccount({ credits: '2' })
      for (const amount of ['1.5', '1', '3']) await grant(account, amount)
      return [account, ['1', '2.5', '4', '2', '2', '0.5'].map((hold) => ({ hold }))]
    },
    'under limits of its own and by default': async () => {
      const account = await world().newAccount()
      const [keyId, endUser] = [await world().newKey(account), 'somebody']
      await world().setRule(account, rule({ measure: 'credits', limit: 9_000_000n }))
      await world().setRule(account, { ...rule({ scope: 'key', limit: 2n }), scopeId: keyId })
      const limits = [rule({ scope: 'end_user' }), rule({ measure: 'concurrency', limit: 7n })]
      const asks = [{ keyId }, { endUser }, { keyId, endUser }, { keyId }, { hold: '7', endUser }]
      return [account, [...asks, { endUser }, { endUser }, {}].map((ask) => ({ limits, ...ask }))]
    },
    'whose window has ended': async () => {
      const account = await world().newAccount()
      await world().setRule(account, rule({ measure: 'credits', window: 'day', limit: 5_000_000n }))
      await started(world(), account, { hold: '5' })
      await world().moveToYesterday(account)
      return [account, [{ hold: '2' }, { hold: '2' }, { hold: '2' }, { hold: '1' }]]
    },
    'with a grant for something else': async () => {
      const account = await world().newAccount({ credits: '3' })
      const [{ id }] = await world().grants(account)
      await world().restrictGrant(account, id, { models: ['acme/painter'] })
      await grant(account, '2')
      return [account, [{ hold: '1', model: 'acme/other' }, { hold: '2' }, { model: 'acme/other' }]]
    },
    'with a grant whose time is over': async () => {
      const account = await world().newAccount({ credits: '3' })
      const [{ id }] = await world().grants(account)
      await grant(account, '2')
      await world().endGrant(account, id)
      return [account, [{ hold: '3' }, { hold: '1' }, { hold: '1' }, { hold: '1' }]]
    },
    'that repeats itself': async () => [
      await world().newAccount({ credits: '2' }),
      [{ hold: '3', ...once('a') }, once('a'), once('a'), {}, once('b'), { hold: '5' }],
    ],
    'with a revoked key': async () => {
      const account = await world().newAccount()
      const keyId = await world().newKey(account)
      await world().revokeKey(keyId)
      return [account, [{}, { keyId }, { keyId: await world().newKey(account) }]]
    },
    'with the key of another': async () => [
      await world().newAccount(),
      [{ keyId: await world().newKey(await world().newAccount()) }],
    ],
    'that is closed': async () => {
      const account = await world().newAccount()
      await world().ledger.setState(account, 'closed')
      return [account, [{}, {}]]
    },
    'in debt': async () => {
      const account = await world().newAccount()
      await world().forgeDebt(account, '1')
      return [account, [{}, {}]]
    },
  }
  const grant = (accountId: string, amount: string) =>
    world().ledger.grant({
      accountId,
      kind: 'topup',
      amount: credits(amount),
      source: 'test',
      sourceRef: `of ${amount}`,
      actor: 'system:test',
      reason: 'for a test',
    })

  /** Accounts with the starts to ask for, in turn of each. */
  async function play(names: string[]) {
    const parts = await Promise.all(names.map((name) => PARTS[name]()))
    const longest = Math.max(...parts.map(([, asks]) => asks.length))
    const requests: StartRequest[] = []
    for (let turn = 0; turn < longest; turn++) {
      for (const [account, asks] of parts) {
        if (turn < asks.length) requests.push(startRequest(account, asks[turn]))
      }
    }
    return { accounts: parts.map(([account]) => account), requests }
  }

  const CASTS = [
    ...Object.keys(PARTS).map((name) => ({ title: `an account ${name}`, names: [name] })),
    { title: 'all of them', names: Object.keys(PARTS) },
  ]

  test('asked at once, {title} has what it has when asked one after the other')
    .with(CASTS)
    .run(async ({ assert, cleanup }, { names }) => {
      const [alone, together] = [await play(names), await play(names)]
      // No verb made the debts, so none explains them.
      cleanup(async () => {
        for (const account of [...alone.accounts, ...together.accounts]) {
          await world().forgeDebt(account, '0')
        }
      })

      const expected: StartResult[] = []
      for (const request of alone.requests) expected.push(await world().metered.start(request))
      const results = await Promise.all(
        together.requests.map((request) => world().metered.start(request))
      )

      assert.deepEqual(results.map(outcomeOf), expected.map(outcomeOf))
      assert.deepEqual(anonymous(results), anonymous(expected))
      for (const [index, account] of together.accounts.entries()) {
        assert.deepEqual(
          anonymous(await world().snapshot(account)),
          anonymous(await world().snapshot(alone.accounts[index]))
        )
      }
    })

  test('one that breaks takes no other down, and leaves nothing behind', async ({ assert }) => {
    const accounts = await Promise.all(Array.from({ length: 6 }, () => world().newAccount()))
    const taken = startRequest(accounts[3])
    await world().metered.start(taken)
    const before = await world().snapshot(accounts[3])

    const results = await Promise.allSettled(
      accounts.map((account, index) =>
        world().metered.start(index === 3 ? taken : startRequest(account))
      )
    )

    assert.deepEqual(
      results.map((result) => result.status === 'fulfilled' && outcomeOf(result.value)),
      ['started', 'started', 'started', false, 'started', 'started']
    )
    assert.deepEqual(await world().snapshot(accounts[3]), before)
    for (const [index, account] of accounts.entries()) {
      const { held } = await balanceOf(world(), account)
      assert.equal(held, '1', `account ${index}`)
    }
  })

  test('one whose account is busy waits for it, and nobody waits with it', async ({ assert }) => {
    const [busy, ...others] = await Promise.all(
      Array.from({ length: 5 }, () => world().newAccount())
    )
    const start = (account: string) => world().metered.start(startRequest(account))
    let late: Promise<StartResult[]> | undefined

    await world().whileLocked(busy, async () => {
      late = Promise.all([start(busy), start(busy)])
      const results = await Promise.all(others.map(start))
      assert.equal(countOf(results.map(outcomeOf), 'started'), 4)
      assert.deepEqual(await balanceOf(world(), busy), { available: '100', held: '0' })
    })

    const waited = await late!
    assert.deepEqual(waited.map(outcomeOf), ['started', 'started'])
    assert.deepEqual(await balanceOf(world(), busy), { available: '98', held: '2' })
  })

  test('two processes that start on the same accounts wait for each other in no circle', async ({
    assert,
  }) => {
    const other = await world().neighbour()
    const accounts = await Promise.all(
      Array.from({ length: 4 }, () => world().newAccount({ credits: '10' }))
    )
    const turns = Array.from({ length: 40 }, (_, index) => accounts[index % 4])
    const startAll = (process: Pick<World, 'metered'>, order: string[]) =>
      Promise.all(order.map((account) => process.metered.start(startRequest(account))))

    const results = await Promise.all([
      startAll(world(), turns),
      startAll(other, turns.toReversed()),
    ])

    await other.close()
    assert.equal(countOf(results.flat().map(outcomeOf), 'started'), 40)
    for (const account of accounts) {
      assert.deepEqual(await balanceOf(world(), account), { available: '0', held: '10' })
    }
  })

  test('an account that is not there is a fault of its own', async ({ assert }) => {
    const account = await world().newAccount()

    const results = await Promise.allSettled(
      [account, 'org_none', account].map((id) => world().metered.start(startRequest(id)))
    )

    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled']
    )
  })
}

/** Ids by the order they come in, and no times and no chance: what two runs have in common. */
export function anonymous(value: unknown): unknown {
  const names = new Map<string, string>()
  const text = JSON.stringify(value, (_key, part) =>
    typeof part === 'bigint' ? part.toString() : part
  )
  return JSON.parse(
    text
      .replaceAll(/\b(?:org|gen|job|gra|key|hld|ast)_[0-9a-z]{26}\b/g, (id) => {
        if (!names.has(id)) names.set(id, `${id.slice(0, 3)} ${names.size}`)
        return names.get(id)!
      })
      .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d\d:\d\d)/g, 'a time')
      .replaceAll(/\\+x[0-9a-f]{32,}/g, 'bytes')
      .replaceAll(/\b[0-9a-f]{16}\b/g, 'chance')
      .replaceAll(/\\"xid\\": \\"\d+\\"/g, 'xid')
      .replaceAll(/"retryAfterSeconds":\d+/g, '"retryAfterSeconds":0')
      .replaceAll(/(duration_ms\\": )\d+/g, '$10'),
    (_key, part) => (Array.isArray(part) && part[0]?.row ? part.map(({ row }) => row).sort() : part)
  )
}
