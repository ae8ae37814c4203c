import { readFile } from 'node:fs/promises'
import { test } from '@japa/runner'
import type { Transfer } from '#core/ledger/types'
import type { ClaimedJob } from '#core/queue/types'
import { credits, finishRequest, running, startRequest } from '../metered_jobs/requests.js'
import type { World } from '../metered_jobs/world.js'
import { books, bucketsOf, childOf, correction, granted, refundRequest } from './movements.js'

const README = new URL('../../../app/core/ledger/README.md', import.meta.url)

interface Example {
  line: number
  steps: { text: string; buckets: string[] }[]
}

/** The blocks of the README that are marked `ledger`: `step → available held owed`. */
async function examples(): Promise<Example[]> {
  const text = await readFile(README, 'utf8')
  return [...text.matchAll(/^```ledger\n([\s\S]*?)^```$/gm)].map(({ 1: block, index }) => ({
    line: text.slice(0, index).split('\n').length,
    steps: block
      .trim()
      .split('\n')
      .map((row) => {
        const [step, buckets] = row.split('→').map((part) => part.trim())
        return { text: step, buckets: buckets.split(/\s+/) }
      }),
  }))
}

/** Does what an example says, to an account of its own. */
class Teller {
  readonly #grants = new Map<string, string>()
  readonly #jobs = new Map<string, ClaimedJob>()
  #seconds = 0
  #transfer: Transfer | null = null

  private constructor(
    private readonly world: World,
    private readonly account: string,
    private readonly other: string
  ) {}

  static async open(world: World) {
    const empty = { credits: '0' }
    return new Teller(world, await world.newAccount(empty), await world.newAccount(empty))
  }

  /** Answers the buckets after it, and whether the verb said no. */
  async take(step: string): Promise<{ buckets: string[]; refused: boolean }> {
    const said = step.replace(/ is refused$/, '')
    for (const [pattern, verb] of this.#verbs) {
      const match = pattern.exec(said)
      if (!match) continue
      const result = await verb(...match.slice(1))
      const outcome = (result as { outcome?: string } | undefined)?.outcome
      const seen = said === 'transfer in' ? this.other : this.account
      return { buckets: await bucketsOf(this.world, seen), refused: outcome === 'refused' }
    }
    throw new Error(`Nobody knows how to do "${step}".`)
  }

  readonly #verbs: [RegExp, (...words: string[]) => Promise<unknown>][] = [
    [
      /^grant ([\d.]+)(?: as (\w+))?(?: priority (\d+))?$/,
      async (amount, name = '', priority = '50') => {
        const options = { amount, priority: Number(priority), ...(name && { sourceRef: name }) }
        this.#grants.set(name, await granted(this.world, this.account, options))
      },
    ],
    [/^refund grant expires$/, () => this.#endRefundGrant()],
    [/^(\w+) expires$/, (name) => this.world.endGrant(this.account, this.#grants.get(name)!)],
    [/^hold ([\d.]+) as (\w+)$/, (hold, name) => this.#hold(hold, name)],
    [/^settle (\w+) at ([\d.]+)$/, (name, cost) => this.#finish(name, { cost })],
    [/^fail (\w+)$/, (name) => this.#finish(name, { cost: '0', state: 'failed' })],
    [/^cancel (\w+)$/, (name) => this.#finish(name, { cost: '0', state: 'canceled' })],
    [
      /^refund (\w+) ([\d.]+)$/,
      (name, amount) =>
        this.world.ledger.refund(refundRequest(this.account, this.#jobs.get(name)!.id, { amount })),
    ],
    [
      /^correct ([+-][\d.]+)$/,
      (amount) =>
        this.world.ledger.correct(correction(this.account, { amount: amount.replace('+', '') })),
    ],
    [
      /^money back for (\w+) (\d+)\/(\d+)$/,
      (name, refunded, charged) => this.#tell(name, { refunded, charged, disputed: '0' }),
    ],
    [
      /^dispute of (\w+) (\d+)\/(\d+)$/,
      (name, disputed, charged) => this.#tell(name, { refunded: '0', charged, disputed }),
    ],
    [/^transfer out$/, () => this.#transferOut()],
    [
      /^transfer in$/,
      async () => {
        await this.world.ledger.transferIn(this.#transfer!)
        await this.world.ledger.transferArrived(this.#transfer!)
      },
    ],
  ]

  async #hold(hold: string, name: string) {
    const { overdraft } = await this.world.ledger.balance(this.account)
    if (!overdraft.isZero) return this.world.metered.start(startRequest(this.account, { hold }))
    this.#jobs.set(name, await running(this.world, this.account, { hold }))
  }

  #finish(name: string, how: Parameters<typeof finishRequest>[1]) {
    return this.world.metered.finish(finishRequest(this.#jobs.get(name)!, how))
  }

  async #endRefundGrant() {
    const [parent] = this.#grants.values()
    const { id } = await childOf(this.world, this.account, parent)
    await this.world.endGrant(this.account, id)
  }

  #tell(sourceRef: string, state: Record<'refunded' | 'charged' | 'disputed', string>) {
    this.#seconds += 1
    return this.world.ledger.clawBack(
      books(this.account, {
        sourceRef,
        second: this.#seconds,
        refunded: BigInt(state.refunded),
        charged: BigInt(state.charged),
        disputed: BigInt(state.disputed),
      })
    )
  }

  async #transferOut() {
    const result = await this.world.ledger.transferOut({
      accountId: this.account,
      to: this.other,
      reference: `${this.account}:${(this.#seconds += 1)}`,
      actor: 'user:usr_a',
      reason: 'two studios became one',
    })
    this.#transfer = result.outcome === 'sent' ? result.transfer : null
  }
}

export function workedExamplesSuite(world: () => World) {
  test('every step of every example in the README leaves what it says', async ({ assert }) => {
    const all = await examples()
    assert.isAtLeast(all.length, 8)

    for (const { line, steps } of all) {
      const teller = await Teller.open(world())
      for (const { text, buckets } of steps) {
        const after = await teller.take(text)
        const where = `"${text}" in the example at line ${line}`
        assert.deepEqual(after.buckets, buckets, where)
        assert.equal(after.refused, text.endsWith(' is refused'), where)
      }
    }
  })

  test('a step that leaves something else would be told', async ({ assert }) => {
    const teller = await Teller.open(world())

    const { buckets } = await teller.take('grant 3')

    assert.deepEqual(buckets, ['3', '0', '0'])
    await assert.rejects(() => teller.take('grant three'), /Nobody knows/)
  })

  test('the amounts of the examples are whole micro-credits', async ({ assert }) => {
    for (const { steps } of await examples()) {
      for (const { buckets } of steps) {
        assert.lengthOf(buckets, 3)
        for (const bucket of buckets) assert.equal(`${credits(bucket)}`, bucket)
      }
    }
  })
}
