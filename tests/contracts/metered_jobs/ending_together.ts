import { test } from '@japa/runner'
import { newId } from '#core/ids'
import type { DirectHoldEnd } from '#core/ledger/direct_holds'
import type { FinishResult } from '#core/queue/metered_jobs'
import type { LimitRule } from '#core/quota/limit_rule'
import { books, granted } from '../ledger/movements.js'
import {
  balanceOf,
  claim,
  countOf,
  credits,
  finishRequest,
  running,
  type startRequest,
  started,
} from './requests.js'
import { anonymous } from './together.js'
import type { World } from './world.js'

type End = () => Promise<FinishResult | DirectHoldEnd>

/** Ends of one moment, which a keeper may work on as one. Nobody must be able to tell. */
export function endingTogetherSuite(world: () => World) {
  const job = async (
    account: string,
    hold: string,
    { cost, ...finish }: Parameters<typeof finishRequest>[1],
    start: Parameters<typeof startRequest>[1] = {}
  ): Promise<End> => {
    const request = finishRequest(await running(world(), account, { hold, ...start }), {
      cost,
      ...finish,
    })
    return () => world().metered.finish(request)
  }
  const directHold = async (
    accountId: string,
    amount: string,
    cost: string | 'release' | 'expire'
  ): Promise<End> => {
    const ref = { accountId, holdId: newId('hld') }
    const rest = { expiresInSeconds: 60, keyId: null, userId: null, limits: [], description: null }
    await world().directHolds.open({
      ...{ ...ref, ...rest, amount: credits(amount), metadata: {}, idempotency: null },
    })
    const by = { ...ref, actor: 'key:key_a' } as const
    if (cost === 'expire') return () => world().directHolds.expire(ref)
    if (cost === 'release') return () => world().directHolds.release(by)
    return () => world().directHolds.settle({ ...by, cost: credits(cost) })
  }
  /** One of each kind of account, and what is to end of it. */
  const PARTS: Record<string, () => Promise<[accountId: string, ends: End[]]>> = {
    'whose jobs cost all, some and none of their holds': async () => {
      const account = await world().newAccount()
      const ends = [
        await job(account, '3', { cost: '3' }),
        await job(account, '3', { cost: '1.5' }),
      ]
      return [
        account,
        [
          ...ends,
          await job(account, '2', { cost: '0', state: 'canceled' }),
          await job(account, '2', { cost: '0', state: 'failed' }),
          await job(account, '0', { cost: '0' }),
          await job(account, '2', { cost: '2.5' }),
        ],
      ]
    },
    'whose holds are of several grants': async () => {
      const account = await world().newAccount({ credits: '2' })
      for (const amount of ['1.5', '4']) {
        await granted(world(), account, { amount, sourceRef: `of ${amount}` })
      }
      return [
        account,
        [
          await job(account, '1', { cost: '0.5' }),
          await job(account, '3', { cost: '2.9' }),
          await job(account, '3', { cost: '3' }),
        ],
      ]
    },
    'whose limits count them': async () => {
      const account = await world().newAccount()
      const rule = (measure: LimitRule['measure']): LimitRule => ({
        ...{ scope: 'org', measure, window: 'day', limit: 100_000_000n, onExceed: 'refuse' },
      })
      const limits = [rule('concurrency'), rule('credits'), rule('images')]
      return [
        account,
        [
          await job(account, '3', { cost: '1' }, { limits, measures: { images: 4n } }),
          await job(account, '3', { cost: '3' }, { limits, measures: { images: 1n } }),
          await job(account, '1', { cost: '0', state: 'failed' }, { limits }),
        ],
      ]
    },
    'in debt': async () => {
      const account = await world().newAccount({ credits: '0' })
      await granted(world(), account, { amount: '100', sourceRef: 'order-1' })
      const ends = [
        await job(account, '60', { cost: '20' }),
        await job(account, '30', { cost: '5' }),
        await job(account, '10', { cost: '10' }),
      ]
      await world().ledger.clawBack(books(account, { refunded: 500n }))
      return [account, ends]
    },
    'in debt for work of its own': async () => {
      const account = await world().newAccount({ credits: '0' })
      await granted(world(), account, { amount: '100', sourceRef: 'order-1' })
      const ends = [
        await directHold(account, '60', '20'),
        await directHold(account, '40', 'release'),
      ]
      await world().ledger.clawBack(books(account, { refunded: 500n }))
      return [account, ends]
    },
    'with credit whose time is over': async () => {
      const account = await world().newAccount({ credits: '10' })
      const ends = [
        await job(account, '3', { cost: '0', state: 'failed' }),
        await job(account, '2', { cost: '1' }),
        await job(account, '2', { cost: '0', state: 'failed' }),
      ]
      const [{ id }] = await world().grants(account)
      await granted(world(), account, { amount: '2', sourceRef: 'more' })
      await world().endGrant(account, id)
      return [account, ends]
    },
    'with nothing left but what has expired under its holds': async () => {
      const account = await world().newAccount({ credits: '5' })
      const ends = [
        await job(account, '3', { cost: '0', state: 'failed' }),
        await job(account, '2', { cost: '0', state: 'failed' }),
      ]
      const [{ id }] = await world().grants(account)
      await world().endGrant(account, id)
      return [account, ends]
    },
    'that is told again, and by workers that lost their jobs': async () => {
      const account = await world().newAccount()
      const first = await running(world(), account, { hold: '2' })
      const request = finishRequest(first, { cost: '1' })
      const late = { ...request, lease: { ...request.lease, token: request.lease.token - 1n } }
      const finish = () => world().metered.finish(request)
      return [account, [() => world().metered.finish(late), finish, finish, finish]]
    },
    'whose direct holds end in every way': async () => {
      const account = await world().newAccount()
      const twice = await directHold(account, '2', '1')
      const late = newId('hld')
      await world().directHolds.open({
        ...{ accountId: account, holdId: late, amount: credits('1'), expiresInSeconds: 60 },
        ...{ keyId: null, userId: null, limits: [], description: null, metadata: {} },
        idempotency: null,
      })
      await world().endHold(account, late)
      const none = { accountId: account, holdId: newId('hld'), actor: 'key:key_a' as const }
      return [
        account,
        [
          twice,
          await directHold(account, '2', 'expire'),
          await directHold(account, '2', '3'),
          twice,
          await directHold(account, '1', '0'),
          () => world().directHolds.settle({ ...none, holdId: late, cost: credits('1') }),
          () => world().directHolds.release(none),
        ],
      ]
    },
    'whose jobs delivered files': async () => {
      const account = await world().newAccount()
      const output = (n: number) => ({
        ...{ id: newId('ast'), sha256: String(n).repeat(64), contentType: 'image/png', bytes: n },
      })
      const report = {
        amount: '-5',
        unit: 'credits',
        rateVersion: null,
        doubt: 'negative',
      } as const
      const request = await running(world(), account, { hold: '1' })
      const doubted = finishRequest(request, { cost: '1', outputs: [output(3)] })
      return [
        account,
        [
          await job(account, '1', { cost: '1', delivered: 2, outputs: [output(1), output(2)] }),
          () => world().metered.finish({ ...doubted, usage: { ...doubted.usage, report } }),
        ],
      ]
    },
  }

  /** Accounts with the ends to ask for, in turn of each. */
  async function play(names: string[]) {
    const parts = []
    // One after the other: `running` takes every job there is.
    for (const name of names) parts.push(await PARTS[name]())
    const longest = Math.max(...parts.map(([, ends]) => ends.length))
    const ends: End[] = []
    for (let turn = 0; turn < longest; turn++) {
      for (const [, all] of parts) if (turn < all.length) ends.push(all[turn])
    }
    return { accounts: parts.map(([account]) => account), ends }
  }

  const CASTS = [
    ...Object.keys(PARTS).map((name) => ({ title: `an account ${name}`, names: [name] })),
    { title: 'all of them', names: Object.keys(PARTS) },
  ]

  test('ended at once, {title} has what it has when ended one after the other')
    .with(CASTS)
    .run(async ({ assert }, { names }) => {
      const [alone, together] = [await play(names), await play(names)]
      const expected = []
      for (const end of alone.ends) expected.push(await end())
      const results = await Promise.all(together.ends.map((end) => end()))

      assert.deepEqual(anonymous(results), anonymous(expected))
      for (const [index, account] of together.accounts.entries()) {
        assert.deepEqual(
          anonymous(await world().snapshot(account)),
          anonymous(await world().snapshot(alone.accounts[index]))
        )
      }
    })

  test('of many ends at once, one of a job that is not there takes no other down', async ({
    assert,
  }) => {
    const account = await world().newAccount()
    const jobs = []
    for (let n = 0; n < 3; n++) jobs.push(await running(world(), account, { hold: '2' }))
    const requests = jobs.map((one) => finishRequest(one, { cost: '1' }))
    requests[1] = { ...requests[1], lease: { ...requests[1].lease, jobId: 'job_none' } }

    const results = await Promise.allSettled(requests.map((one) => world().metered.finish(one)))

    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled']
    )
    assert.deepEqual(await balanceOf(world(), account), { available: '96', held: '2' })
  })

  test('an end whose account is busy waits for it, and nobody waits with it', async ({
    assert,
  }) => {
    const accounts = await Promise.all(Array.from({ length: 5 }, () => world().newAccount()))
    const ends: End[] = []
    for (const account of accounts) ends.push(await job(account, '2', { cost: '1' }))
    let late: ReturnType<End> | undefined

    await world().whileLocked(accounts[0], async () => {
      late = ends[0]()
      const results = await Promise.all(ends.slice(1).map((end) => end()))
      assert.equal(
        countOf(
          results.map(({ outcome }) => outcome),
          'finished'
        ),
        4
      )
      assert.deepEqual(await balanceOf(world(), accounts[0]), { available: '98', held: '2' })
    })

    const { outcome } = await late!
    assert.equal(outcome, 'finished')
    assert.deepEqual(await balanceOf(world(), accounts[0]), { available: '99', held: '0' })
  })

  test('two processes that end the same jobs at once charge each once', async ({ assert }) => {
    const other = await world().neighbour()
    const accounts = await Promise.all(Array.from({ length: 4 }, () => world().newAccount()))
    for (let n = 0; n < 24; n++) await started(world(), accounts[n % 4], { hold: '2' })
    const jobs = await claim(world(), 100)
    const requests = jobs.map((one) => finishRequest(one, { cost: '1' }))

    const results = await Promise.all([
      ...requests.map((request) => world().metered.finish(request)),
      ...requests.toReversed().map((request) => other.metered.finish(request)),
    ])

    await other.close()
    const outcomes = results.map(({ outcome }) => outcome)
    assert.equal(countOf(outcomes, 'finished'), 24)
    assert.equal(countOf(outcomes, 'resolved'), 24)
    for (const account of accounts) {
      assert.deepEqual(await balanceOf(world(), account), { available: '94', held: '0' })
    }
  })
}
