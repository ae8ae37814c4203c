import { test } from '@japa/runner'
import { newId } from '#core/ids'
import { credits, finishRequest, leaseOf, startRequest } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'
import { books, correction, granted, refundRequest } from './movements.js'

const STEPS = 120
const WALKERS = 8

/** The same numbers for the same seed (mulberry32). */
function randomOf(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) % below
  }
}

/**
 * Does whatever chance says to a few accounts. Refusals are fine; faults are not, and neither is
 * a book that does not add up.
 */
class Walker {
  readonly #orders: { account: string; sourceRef: string }[] = []
  readonly #holds: { account: string; id: string; direct: boolean }[] = []

  constructor(
    private readonly world: World,
    private readonly accounts: string[],
    private readonly random: (below: number) => number
  ) {}

  async step() {
    const account = this.#one(this.accounts)!
    const verbs = [
      () => this.#grant(account),
      () => this.#grant(account),
      () => this.#start(account),
      () => this.#start(account),
      () => this.#open(account),
      () => this.#finish(),
      () => this.#finish(),
      () => this.#refund(),
      () => this.#correct(account),
      () => this.#clawBack(),
      () => this.#clawBack(),
      () => this.#endGrant(account),
      () => this.#merge(account),
    ]
    await verbs[this.random(verbs.length)]()
  }

  #one<Item>(items: Item[]): Item | undefined {
    return items[this.random(items.length)]
  }

  #amount(): string {
    return `${this.random(8)}.${1 + this.random(999_999)}`
  }

  async #grant(account: string) {
    const sourceRef = newId('evt')
    await granted(this.world, account, {
      sourceRef,
      amount: this.#amount(),
      priority: this.random(3) * 50,
    })
    this.#orders.push({ account, sourceRef })
  }

  async #start(account: string) {
    const start = startRequest(account, { hold: this.#amount() })
    const { outcome } = await this.world.metered.start(start)
    if (outcome === 'started') this.#holds.push({ account, id: start.jobId, direct: false })
  }

  async #open(account: string) {
    const holdId = newId('hld')
    const { outcome } = await this.world.directHolds.open({
      accountId: account,
      holdId,
      amount: credits(this.#amount()),
      expiresInSeconds: 600,
      keyId: null,
      userId: null,
      limits: [],
      description: null,
      metadata: {},
      idempotency: null,
    })
    if (outcome === 'held') this.#holds.push({ account, id: holdId, direct: true })
  }

  /** Any hold, also one that ended: then nothing may happen. */
  async #finish() {
    const hold = this.#one(this.#holds)
    if (!hold) return
    const ref = { accountId: hold.account, holdId: hold.id, actor: 'system:test' } as const
    if (hold.direct) {
      const cost = credits('0.5')
      await (this.random(2)
        ? this.world.directHolds.settle({ ...ref, cost })
        : this.world.directHolds.release(ref))
      return
    }
    const jobs = await this.world.queue.claim({
      worker: 'walker',
      kinds: ['generation'],
      limit: 1,
      leaseMs: 60_000,
    })
    for (const job of jobs) {
      if (!this.accounts.includes(job.accountId)) {
        await this.world.queue.handBack(leaseOf(job))
        continue
      }
      const state = this.random(3) ? 'succeeded' : 'failed'
      const cost = state === 'failed' ? '0' : this.#amount()
      await this.world.metered.finish(finishRequest(job, { cost, state }))
    }
  }

  async #refund() {
    const hold = this.#one(this.#holds)
    if (!hold) return
    const { id, account } = hold
    await this.world.ledger.refund(refundRequest(account, id, { amount: this.#amount() }))
  }

  async #correct(account: string) {
    const amount = `${this.random(2) ? '-' : ''}${this.#amount()}`
    await this.world.ledger.correct(correction(account, { amount }))
  }

  async #clawBack() {
    const order = this.#one(this.#orders)
    if (!order) return
    await this.world.ledger.clawBack(
      books(order.account, {
        sourceRef: order.sourceRef,
        second: this.random(1000),
        refunded: BigInt(this.random(5) * 150),
        disputed: BigInt(this.random(3) * 500),
      })
    )
  }

  async #endGrant(account: string) {
    const grant = this.#one(await this.world.grants(account))
    if (grant && this.random(3) === 0) await this.world.endGrant(account, grant.id)
  }

  async #merge(account: string) {
    const to = this.#one(this.accounts)!
    if (to === account) return
    const result = await this.world.ledger.transferOut({
      accountId: account,
      to,
      reference: newId('trf'),
      actor: 'system:test',
      reason: 'by chance',
    })
    if (result.outcome !== 'sent') return
    await this.world.ledger.transferIn(result.transfer)
    if (this.random(2)) await this.world.ledger.transferIn(result.transfer)
    await this.world.ledger.transferArrived(result.transfer)
  }
}

export function anySequenceSuite(world: () => World) {
  const accounts = () =>
    Promise.all(['20', '0', '5'].map((some) => world().newAccount({ credits: some })))

  async function booksOf(all: string[]) {
    const wrong = await world().ledger.verify()
    return wrong.filter(({ accountId }) => all.includes(accountId))
  }

  test('whatever is done in whatever order, the books add up, and now is an instant (seed {$self})')
    .with([1, 20_300, 77_777])
    .run(async ({ assert }, seed) => {
      const all = await accounts()
      const walker = new Walker(world(), all, randomOf(seed))

      for (let step = 1; step <= STEPS; step++) {
        await walker.step()
        if (step % 20 !== 0) continue
        assert.deepEqual(await booksOf(all), [], `after step ${step}`)
        for (const account of all) {
          const { grants, ...then } = await world().ledger.balanceAt(account, new Date())
          assert.deepEqual(then, await world().ledger.balance(account), `after step ${step}`)
        }
      }
    })

  test('many at once do as they like, without a fault, and the books add up (seed {$self})')
    .with([4, 55_001])
    .run(async ({ assert }, seed) => {
      const all = await accounts()

      await Promise.all(
        Array.from({ length: WALKERS }, async (_, index) => {
          const walker = new Walker(world(), all, randomOf(seed + index))
          for (let step = 0; step < STEPS / 3; step++) await walker.step()
        })
      )

      assert.deepEqual(await booksOf(all), [])
    })
}
