import { randomBytes } from 'node:crypto'
import { test } from '@japa/runner'
import { modeOf } from '#core/ledger/account_mode'
import type { Budget, BudgetKey, BudgetState } from '#core/quota/budgets'
import {
  countOf,
  credits,
  finishRequest,
  outcomeOf,
  running,
  startRequest,
  started,
} from './requests.js'
import type { World } from './world.js'

export function budgetsSuite(world: () => World) {
  /** A budget of a provider that no other test knows. */
  async function newBudget(fields: Partial<Budget> = {}) {
    const provider = `p${randomBytes(4).toString('hex')}`
    const budget: Budget = {
      id: `provider:${provider}`,
      measure: 'credits',
      window: 'day',
      limit: 10_000_000n,
      onExceed: 'refuse',
      ...fields,
    }
    await world().budgets.set(budget, 'system:test')
    return { budget, provider, model: `${provider}/painter` }
  }

  async function stateOf({ id, measure, window }: BudgetKey): Promise<BudgetState> {
    const states = await world().budgets.list()
    return states.find((one) => one.id === id && one.measure === measure && one.window === window)!
  }

  const figuresOf = async (budget: BudgetKey) => {
    const { used, held, leased } = await stateOf(budget)
    return { used, held, leased }
  }

  const newAccounts = (count: number, options?: { credits: string }) =>
    Promise.all(Array.from({ length: count }, () => world().newAccount(options)))

  const quiet = () => world().budgets.giveBack({ quietSeconds: 0 })

  test('eight accounts at once, under three budgets, never hold more than any of them has', async ({
    assert,
  }) => {
    const { budget, provider, model } = await newBudget({ limit: 21_500_000n })
    const ofModel = { ...budget, id: `model:${model}`, limit: 9_000_000n } as Budget
    const images = { ...budget, measure: 'images', window: 'month', limit: 25n } as Budget
    await world().budgets.set(ofModel, 'system:test')
    await world().budgets.set(images, 'system:test')
    const accounts = await newAccounts(8)

    const results = await Promise.all(
      Array.from({ length: 80 }, (_, n) =>
        world().metered.start(
          startRequest(accounts[n % 8], {
            provider,
            model: n % 2 ? model : `${provider}/other`,
            hold: n % 3 ? '1' : '0.5',
          })
        )
      )
    )

    const outcomes = results.map(outcomeOf)
    assert.equal(countOf(outcomes, 'started') + countOf(outcomes, 'limit_exceeded'), 80)
    for (const one of [budget, ofModel, images]) {
      const state = await stateOf(one)
      assert.isAtMost(Number(state.used + state.held), Number(state.leased))
      assert.isAtMost(Number(state.leased), Number(state.limit))
      assert.isAbove(Number(state.held), 0)
    }
    // Not everything was refused early: half of what the images let pass at the least.
    assert.isAbove(countOf(outcomes, 'started'), 12)
    assert.deepEqual(await world().ledger.verify(), [])
  })

  test('an account alone has all of a budget, to the last credit', async ({ assert }) => {
    const { budget, provider } = await newBudget()
    const account = await world().newAccount()

    const results = await Promise.all(
      Array.from({ length: 15 }, () => world().metered.start(startRequest(account, { provider })))
    )

    assert.equal(countOf(results.map(outcomeOf), 'started'), 10)
    assert.deepEqual(await figuresOf(budget), { used: 0n, held: 10_000_000n, leased: 10_000_000n })
  })

  test('a call is refused early by no more than others have leased and not used', async ({
    assert,
  }) => {
    const { budget, provider } = await newBudget({ limit: 1_000_000_000n })
    const [busy, other] = await newAccounts(2, { credits: '2000' })
    for (let n = 0; n < 20; n++) await started(world(), busy, { provider, hold: '0.4' })
    const idle = await stateOf(budget)
    const unused = idle.leased - idle.held

    const left = Number(1_000_000_000n - idle.leased) / 1e6
    const fits = await world().metered.start(startRequest(other, { provider, hold: String(left) }))
    const more = await world().metered.start(startRequest(other, { provider, hold: '0.4' }))

    assert.isAtMost(Number(unused), 10_000_000)
    assert.deepEqual([outcomeOf(fits), outcomeOf(more)], ['started', 'limit_exceeded'])
    await quiet()
    if (unused >= 400_000n) await started(world(), other, { provider, hold: '0.4' })
    assert.deepEqual(await world().ledger.verify(), [])
  })

  test('what is refused tells the budget and when it clears', async ({ assert }) => {
    const { provider } = await newBudget({ limit: 2_000_000n })
    const account = await world().newAccount()
    await started(world(), account, { provider })

    const result = await world().metered.start(startRequest(account, { provider, hold: '1.5' }))

    assert.containSubset(result, {
      outcome: 'refused',
      refusal: {
        type: 'limit_exceeded',
        limit: {
          rule: 'platform_provider_credits_per_day',
          scope: 'platform',
          scopeId: `provider:${provider}`,
          needed: 1_500_000n,
          limit: 2_000_000n,
        },
      },
    })
    const { limit, retryAfterSeconds } = (result as any).refusal
    // The midnight that is next, unless it has just passed.
    assert.equal(limit.clearsAt.getTime() % 86_400_000, 0)
    assert.isAtMost(Math.abs(limit.clearsAt.getTime() - Date.now()), 86_400_000)
    assert.isAtMost(retryAfterSeconds, 86_400)
  })

  test('nothing is leased for what is refused otherwise', async ({ assert }) => {
    const { budget, provider } = await newBudget()
    const poor = await world().newAccount({ credits: '1' })

    const result = await world().metered.start(startRequest(poor, { provider, hold: '5' }))

    assert.equal(outcomeOf(result), 'insufficient_credits')
    assert.deepEqual(await figuresOf(budget), { used: 0n, held: 0n, leased: 0n })
  })

  test('of three budgets without room for a call, none is leased', async ({ assert }) => {
    const { budget, provider, model } = await newBudget()
    const ofModel = { ...budget, id: `model:${model}`, limit: 0n } as Budget
    await world().budgets.set(ofModel, 'system:test')
    const account = await world().newAccount()

    const result = await world().metered.start(startRequest(account, { provider, model }))

    assert.containSubset(result, { refusal: { limit: { scopeId: `model:${model}` } } })
    assert.deepEqual(await figuresOf(budget), { used: 0n, held: 0n, leased: 0n })
  })

  test('what a job does not cost is there for the next of its account', async ({ assert }) => {
    const { budget, provider } = await newBudget()
    const account = await world().newAccount()
    const job = await running(world(), account, { provider, hold: '10' })
    const full = await world().metered.start(startRequest(account, { provider }))

    await world().metered.finish(finishRequest(job, { cost: '4' }))

    assert.equal(outcomeOf(full), 'limit_exceeded')
    assert.deepEqual(await figuresOf(budget), {
      used: 4_000_000n,
      held: 0n,
      leased: 10_000_000n,
    })
    await started(world(), account, { provider, hold: '6' })
  })

  test('what an account does not use comes back when it is quiet, for all', async ({ assert }) => {
    const { budget, provider } = await newBudget()
    const [first, second] = await newAccounts(2)
    const job = await running(world(), first, { provider, hold: '10' })
    await world().metered.finish(finishRequest(job, { cost: '4' }))

    const early = await world().metered.start(startRequest(second, { provider, hold: '5' }))
    await world().budgets.giveBack({ quietSeconds: 300 })
    const busy = await figuresOf(budget)
    await quiet()

    assert.equal(outcomeOf(early), 'limit_exceeded')
    assert.equal(busy.leased, 10_000_000n)
    assert.deepEqual(await figuresOf(budget), { used: 4_000_000n, held: 0n, leased: 4_000_000n })
    await started(world(), second, { provider, hold: '6' })
    assert.deepEqual(await world().ledger.verify(), [])
  })

  test("what a crash leaves between an account and a budget is nobody's, and comes back", async ({
    assert,
  }) => {
    const { budget, provider } = await newBudget()
    const [account, other] = await newAccounts(2)
    await world().leaseHalfway(account, budget, 7_000_000n)

    const halfway = await world().ledger.verify()
    const refused = await world().metered.start(startRequest(other, { provider, hold: '4' }))
    await quiet()
    await started(world(), account, { provider, hold: '8' })
    await world().metered.start(startRequest(other, { provider, hold: '1' }))
    await world().giveBackHalfway(account)
    const back = await world().ledger.verify()
    await quiet()

    assert.deepEqual([halfway, back], [[], []])
    assert.equal(outcomeOf(refused), 'limit_exceeded')
    const { held, leased } = await figuresOf(budget)
    assert.deepEqual([held, leased], [9_000_000n, 9_000_000n])
  })

  test('in a new window all is there again, and what began before counts before', async ({
    assert,
  }) => {
    const { budget, provider } = await newBudget()
    const [first, second] = await newAccounts(2)
    const job = await running(world(), first, { provider, hold: '10' })
    await world().moveBudgetToYesterday(budget)

    const fresh = await figuresOf(budget)
    await started(world(), second, { provider, hold: '9' })
    await world().metered.finish(finishRequest(job, { cost: '8' }))
    const late = await world().metered.start(startRequest(first, { provider, hold: '2' }))
    await started(world(), first, { provider, hold: '1' })

    assert.deepEqual(fresh, { used: 0n, held: 0n, leased: 0n })
    assert.equal(outcomeOf(late), 'limit_exceeded')
    assert.deepEqual(await figuresOf(budget), { used: 0n, held: 10_000_000n, leased: 10_000_000n })
    assert.deepEqual(await world().ledger.verify(), [])
  })

  test("what comes to an account in another window than it was leased for is nobody's", async ({
    assert,
  }) => {
    const { budget, provider } = await newBudget()
    const account = await world().newAccount()
    await world().leaseHalfway(account, budget, 6_000_000n)
    await world().moveBudgetToYesterday(budget)

    await started(world(), account, { provider, hold: '10' })
    await quiet()

    assert.deepEqual(await figuresOf(budget), { used: 0n, held: 10_000_000n, leased: 10_000_000n })
    assert.deepEqual(await world().ledger.verify(), [])
  })

  test('a budget of requests counts calls, one of images what is made', async ({ assert }) => {
    const { budget, provider } = await newBudget({ measure: 'requests', limit: 3n })
    const images = { ...budget, measure: 'images', limit: 5n } as Budget
    await world().budgets.set(images, 'system:test')
    const account = await world().newAccount()

    const job = await running(world(), account, { provider, measures: { images: 4n } })
    const tooMany = await world().metered.start(
      startRequest(account, { provider, measures: { images: 2n } })
    )
    await world().metered.finish(finishRequest(job, { cost: '1' }))
    await started(world(), account, { provider, measures: { images: 4n } })
    const requests = await stateOf(budget)
    const made = await stateOf(images)

    assert.containSubset(tooMany, { refusal: { limit: { measure: 'images' } } })
    assert.equal(requests.used, 2n)
    assert.deepEqual([made.used, made.held], [1n, 4n])
  })

  test('a budget that only observes lets all pass, and says what it would have refused', async ({
    assert,
  }) => {
    const { budget, provider } = await newBudget({ limit: 2_000_000n, onExceed: 'observe' })
    const account = await world().newAccount()
    const observedOf = async () => {
      const result = await world().metered.start(startRequest(account, { provider }))
      return (result as any).observed ?? []
    }

    const observed = [await observedOf(), await observedOf(), await observedOf()]

    assert.deepEqual(
      observed.map((one) => one.length),
      [0, 0, 1]
    )
    assert.containSubset(observed[2], [{ scope: 'platform', needed: 1_000_000n }])
    assert.containSubset(await stateOf(budget), { held: 3_000_000n, isExceeded: true })
    assert.deepEqual(await world().ledger.verify(), [])
  })

  test('test accounts count for no budget', async ({ assert }) => {
    const { budget, provider } = await newBudget({ limit: 0n })
    const account = await world().newAccount({ test: true })

    const result = await world().metered.start(startRequest(account, { provider }))

    assert.equal(modeOf(account), 'test')
    assert.equal(outcomeOf(result), 'started')
    assert.containSubset(await stateOf(budget), { leased: 0n })
  })

  test('a budget of all counts direct holds, too', async ({ assert, cleanup }) => {
    const all: Budget = {
      id: 'all',
      measure: 'credits',
      window: 'hour',
      limit: 3_000_000n,
      onExceed: 'refuse',
    }
    await world().budgets.set(all, 'system:test')
    cleanup(async () => void (await world().budgets.remove(all, 'system:test')))
    const account = await world().newAccount()
    const open = (amount: string, holdId: string) =>
      world().directHolds.open({
        accountId: account,
        holdId,
        amount: credits(amount),
        expiresInSeconds: 600,
        keyId: null,
        userId: null,
        limits: [],
        description: null,
        metadata: {},
        idempotency: null,
      })
    const suffix = randomBytes(6).toString('hex')

    const held = await open('2', `hld_a${suffix}`)
    const refused = await open('2', `hld_b${suffix}`)
    const generation = await world().metered.start(startRequest(account, { hold: '1.5' }))
    await world().directHolds.settle({
      accountId: account,
      holdId: `hld_a${suffix}`,
      cost: credits('1'),
      actor: 'system:test',
    })

    assert.equal(held.outcome, 'held')
    assert.containSubset(refused, { refusal: { limit: { rule: 'platform_credits_per_hour' } } })
    assert.equal(outcomeOf(generation), 'limit_exceeded')
    const { used, held: rest } = await figuresOf(all)
    assert.deepEqual([used, rest], [1_000_000n, 0n])
  })

  test('lowered below what is leased, it takes back what is not used, and refuses', async ({
    assert,
  }) => {
    const { budget, provider } = await newBudget({ limit: 1_000_000_000n })
    const [first, second] = await newAccounts(2)
    const job = await running(world(), first, { provider, hold: '10' })
    await world().metered.finish(finishRequest(job, { cost: '4' }))

    await world().budgets.set({ ...budget, limit: 5_000_000n }, 'system:test')

    assert.deepEqual(await figuresOf(budget), { used: 4_000_000n, held: 0n, leased: 4_000_000n })
    const refused = await world().metered.start(startRequest(second, { provider, hold: '2' }))
    assert.equal(outcomeOf(refused), 'limit_exceeded')
    await started(world(), second, { provider, hold: '1' })
    assert.deepEqual(await world().ledger.verify(), [])
  })

  test('removed, it refuses nothing; set again in its window, it goes on where it was', async ({
    assert,
  }) => {
    const { budget, provider } = await newBudget({ limit: 3_000_000n })
    const account = await world().newAccount()
    await started(world(), account, { provider, hold: '3' })

    const removed = await world().budgets.remove(budget, 'system:test')
    await started(world(), account, { provider, hold: '5' })
    const again = await world().budgets.remove(budget, 'system:test')
    await world().budgets.set({ ...budget, limit: 4_000_000n }, 'system:test')
    const refused = await world().metered.start(startRequest(account, { provider, hold: '2' }))

    assert.deepEqual([removed, again], ['removed', 'missing'])
    assert.equal(outcomeOf(refused), 'limit_exceeded')
    await started(world(), account, { provider, hold: '1' })
    assert.deepEqual(await world().ledger.verify(), [])
  })

  test('two processes never lease the same twice', async ({ assert }) => {
    const { budget, provider } = await newBudget({ limit: 12_000_000n })
    const neighbour = await world().neighbour()
    const accounts = await newAccounts(4)

    const results = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        (n % 2 ? world() : neighbour).metered.start(startRequest(accounts[n % 4], { provider }))
      )
    )

    const taken = countOf(results.map(outcomeOf), 'started')
    assert.isAtMost(taken, 12)
    await quiet()
    const rest = await Promise.all(
      accounts.map((account) => world().metered.start(startRequest(account, { provider })))
    )
    const later = countOf(rest.map(outcomeOf), 'started')
    assert.equal(taken + later, Math.min(12, taken + 4))
    const { leased } = await stateOf(budget)
    assert.isAtMost(Number(leased), 12_000_000)
    await neighbour.close()
    assert.deepEqual(await world().ledger.verify(), [])
  })
}
