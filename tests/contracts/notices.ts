import { test } from '@japa/runner'
import { Credits } from '#core/ledger/credits'
import type { Notice, NoticeFacts } from '#core/notices/notices'
import { settle } from './ledger.js'
import { startRequest, started } from './metered_jobs/requests.js'
import type { Process, World } from './metered_jobs/world.js'

/** What everybody relies on who is told that something happened to an account. */
export function noticesSuite(keeper: string, open: () => Promise<World>) {
  test.group(`Notices on ${keeper}`, (group) => {
    let world: World
    group.setup(async () => {
      world = await open()
    })
    group.each.teardown(() => settle(world))

    /** Hears what a process tells of an account, after a look at it. */
    function ear({ notices }: Pick<Process, 'notices'> = world) {
      const told: Notice[] = []
      const deafen = notices.subscribe((notice) => void told.push(notice))
      return {
        deafen,
        async heard(accountId: string): Promise<NoticeFacts[]> {
          notices.look(accountId)
          await notices.flush()
          return told.filter((notice) => notice.accountId === accountId).map(({ facts }) => facts)
        },
      }
    }

    const budget = (accountId: string, limit: bigint) =>
      world.setRule(accountId, { scope: 'org', measure: 'credits', window: 'day', limit })

    const grant = (accountId: string, amount: string) =>
      world.ledger.grant({
        accountId,
        kind: 'topup',
        amount: Credits.parse(amount),
        source: 'test',
        sourceRef: crypto.randomUUID(),
        actor: 'system:test',
        reason: 'for a test',
      })

    test('of a budget: each threshold once, and only the highest that is new', async ({
      assert,
    }) => {
      const { heard } = ear()
      const account = await world.newAccount()
      await budget(account, 10_000_000n)
      const percents = async () => {
        const facts = await heard(account)
        return facts.map((one) => (one.type === 'budget_threshold' ? one.percent : one.type))
      }

      await started(world, account, { hold: '4' })
      assert.deepEqual(await percents(), [])
      await started(world, account, { hold: '1' })
      assert.deepEqual(await percents(), [50])
      await started(world, account, { hold: '5' })
      assert.deepEqual(await percents(), [50, 100])
      assert.deepEqual(await percents(), [50, 100])
    })

    test('of a budget tell its numbers', async ({ assert }) => {
      const { heard } = ear()
      const account = await world.newAccount()
      await budget(account, 8_000_000n)
      await started(world, account, { hold: '7' })

      const facts = await heard(account)

      assert.deepEqual(facts, [
        {
          type: 'budget_threshold',
          percent: 80,
          scope: 'org',
          scopeId: account,
          measure: 'credits',
          window: 'day',
          limit: 8_000_000n,
          used: 0n,
          held: 7_000_000n,
        },
      ])
    })

    test("of a budget over all accounts are the platform's, and tell nothing to the accounts", async ({
      assert,
      cleanup,
    }) => {
      const told: Notice[] = []
      cleanup(world.notices.subscribe((notice) => void told.push(notice)))
      const provider = `p${crypto.randomUUID().slice(0, 8)}`
      const whole = {
        id: `provider:${provider}`,
        measure: 'credits',
        window: 'day',
        limit: 10_000_000n,
        onExceed: 'refuse',
      } as const
      await world.budgets.set(whole, 'system:test')
      const [first, second] = [await world.newAccount(), await world.newAccount()]
      const percents = async () => {
        await world.notices.flush()
        return told.flatMap(({ accountId, facts }) =>
          facts.type === 'budget_threshold' ? [`${accountId} ${facts.percent}`] : []
        )
      }

      await started(world, first, { provider, hold: '4' })
      assert.deepEqual(await percents(), [])
      await started(world, second, { provider, hold: '4.5' })
      assert.deepEqual(await percents(), ['platform 80'])
      await world.metered.start(startRequest(first, { provider, hold: '2' }))
      assert.deepEqual(await percents(), ['platform 80', 'platform 100'])
      assert.containSubset(told.at(-1)!.facts, {
        scope: 'platform',
        scopeId: whole.id,
        limit: 10_000_000n,
        used: 0n,
        held: 8_500_000n,
      })
    })

    test('of a low balance come once until more comes in', async ({ assert }) => {
      const { heard } = ear()
      const account = await world.newAccount({ credits: '6' })

      assert.lengthOf(await heard(account), 0)
      await started(world, account, { hold: '2' })
      assert.lengthOf(await heard(account), 1)
      await started(world, account, { hold: '1' })
      assert.lengthOf(await heard(account), 1)
      await grant(account, '10')
      assert.lengthOf(await heard(account), 1)
      await started(world, account, { hold: '11' })
      assert.lengthOf(await heard(account), 2)
    })

    test('of a low balance go by the figure of the organisation', async ({ assert }) => {
      const { heard } = ear()
      const account = await world.newAccount({ credits: '60' })
      await world.setLowBalance(account, '70')

      assert.deepEqual(await heard(account), [
        { type: 'balance_low', available: Credits.parse('60'), below: Credits.parse('70') },
      ])
    })

    test('of debts, losses and books that do not add up', async ({ assert }) => {
      const { heard } = ear()
      const account = await world.newAccount()
      await world.forgeLoss(account, 'job_x')
      await world.forgeDebt(account, '3')

      const facts = await heard(account)

      const byType = new Map(facts.map((one) => [one.type, one]))
      assert.deepEqual(byType.get('overdraft'), {
        type: 'overdraft',
        overdraft: Credits.parse('3'),
      })
      assert.deepEqual(byType.get('loss'), {
        type: 'loss',
        jobId: 'job_x',
        kind: 'overrun',
        credits: Credits.parse('1.5'),
        vendorCostMicroUsd: 20_000n,
      })
      assert.isTrue(byType.has('ledger_violation'))
      assert.lengthOf(await heard(account), facts.length)
      await world.forgeDebt(account, '0')
    })

    test('are told by one of two processes that look at once', async ({ assert }) => {
      const neighbour = await world.neighbour()
      const ears = [ear(), ear(neighbour)]
      const account = await world.newAccount({ credits: '1' })

      const heard = await Promise.all(ears.map((one) => one.heard(account)))

      assert.lengthOf(heard.flat(), 1)
      await neighbour.close()
    })

    test('that a listener could not take are told again, by whoever is there', async ({
      assert,
    }) => {
      const neighbour = await world.neighbour()
      const account = await world.newAccount({ credits: '1' })
      const broken = neighbour.notices.subscribe(() => {
        throw new Error('away')
      })
      neighbour.notices.look(account)
      await neighbour.notices.flush()
      assert.equal(await world.ageNotices(account), 1)
      broken()

      const another = await world.neighbour()
      const heard = await ear(another).heard(account)

      assert.lengthOf(heard, 1)
      assert.equal(await world.ageNotices(account), 0)
      await neighbour.close()
      await another.close()
    })

    test('come by themselves when credits move', async ({ assert }) => {
      const account = await world.newAccount({ credits: '6' })
      const { promise, resolve } = Promise.withResolvers<Notice>()
      const deafen = world.notices.subscribe((notice) => {
        if (notice.accountId === account) resolve(notice)
      })

      await started(world, account, { hold: '2' })

      const { facts } = await promise
      assert.equal(facts.type, 'balance_low')
      assert.lengthOf(await world.notices.list({ accountId: account, limit: 10 }), 1)
      deafen()
    })
  })
}
