import { inspect } from 'node:util'
import { test } from '@japa/runner'
import { upperPrice, actualPrice, requestedOutputs } from '#core/prices/price_model'
import { ERROR_POLICIES } from '#core/queue/error_policy'
import type { ErrorClass } from '#core/queue/types'
import type { Played } from '#tests/contracts/vendor_plugin'
import type { Trouble } from '#tests/fakes/vendor/troubles'
import { plainTerms } from '#tests/plain_terms'
import { asJson, callOf, finish, stationOf, type Order, type Subject } from './orders.js'
import type { VendorStand } from './vendor_stand.js'

const TIMEOUT_MS = 60_000

interface BreakingSubject extends Subject {
  stand: VendorStand
  troubles: Partial<Record<Trouble, ErrorClass>>
  plays: Played[]
}

/** What any connection can do to a submit, and what it means. */
const TRANSPORT: [Trouble, ErrorClass][] = [
  ['rate', 'rate_limited'],
  ['server', 'transient_before_accept'],
  ['garbled', 'outcome_unknown'],
  ['cut', 'outcome_unknown'],
  ['lost', 'outcome_unknown'],
]

/** Whatever breaks is called by its name, costs no second submit, and tells no secret. */
export function breakingSuite(subject: BreakingSubject) {
  const { name, model, open, setup, order, lengthy, stand, troubles, plays } = subject
  test.group(`Model provider | ${name} when something breaks`, (group) => {
    setup?.(group)
    const station = stationOf(group, open)
    group.each.timeout(TIMEOUT_MS)
    const { fake } = stand
    const polls = model.execution.shape !== 'sync'

    /** What a work came to that was to fail, and all that was said of it. */
    async function failed(work: Promise<unknown>) {
      const thrown = await work.then(
        (answer) => {
          throw new Error(`It succeeded, and was to fail: ${inspect(answer).slice(0, 300)}`)
        },
        (error: unknown) => error
      )
      const { provider } = station()
      return { thrown, ...provider.classify(thrown) }
    }

    const whole = async (wanted?: Order) => finish(station(), await callOf(model, wanted ?? order))

    for (const [trouble, errorClass] of TRANSPORT) {
      test(`"${trouble}" at the submit is ${errorClass}, and is not tried again`, async ({
        assert,
      }) => {
        fake.arm(trouble, { times: 9 })

        const failure = await failed(whole())

        assert.equal(failure.class, errorClass)
        assert.lengthOf(fake.callsTo('submit'), 1)
        if (trouble === 'rate') assert.equal(failure.retryAfterMs, 2000)
      })
    }

    test('an answer of 200 MB is cut off', async ({ assert }) => {
      fake.arm('huge')

      const { class: errorClass } = await failed(whole())

      assert.equal(errorClass, 'outcome_unknown')
    })

    test('a vendor that is not there has taken nothing', async ({ assert }) => {
      const { url } = fake
      await fake.stop()
      const failure = await failed(whole())
      await fake.start(Number(new URL(url).port))

      assert.equal(failure.class, 'transient_before_accept')
    })

    for (const [trouble, errorClass] of Object.entries(troubles) as [Trouble, ErrorClass][]) {
      test(`"${trouble}" is ${errorClass}`, async ({ assert }) => {
        fake.arm(trouble)

        const failure = await failed(whole())

        assert.equal(failure.class, errorClass)
        assert.property(ERROR_POLICIES, failure.class)
        assert.lengthOf(fake.callsTo('submit'), 1)
      })
    }

    if (plays.includes('empty')) {
      test('a work without outputs delivers none, or says so', async ({ assert }) => {
        fake.arm('empty')

        const outputs = await whole().then(
          (done) => done.outputs,
          (error: unknown) => station().provider.classify(error).class
        )

        assert.include([JSON.stringify([]), '"no_output"'], JSON.stringify(outputs))
      })
    }

    if (plays.includes('partial') && model.outputsParameter) {
      test('fewer than were asked for are delivered and paid as what they are', async ({
        assert,
      }) => {
        const outputs = model.outputsParameter!
        const asked = { ...order, input: { ...(order?.input ?? model.example), [outputs]: 3 } }
        fake.arm('partial')
        const call = await callOf(model, asked)

        const done = await finish(station(), call)

        const usage = station().provider.usage(done.raw)
        assert.lengthOf(done.outputs, 2)
        assert.equal(usage.outputs, 2)
        assert.equal(requestedOutputs(model, call.input), 3)
        const terms = plainTerms(model.price)
        const upper = upperPrice(model, call, terms).cost
        const { cost } = actualPrice(model, { ...call, usage, upper, at: new Date() }, terms)
        assert.isTrue(cost.micro < upper.micro, 'all three are paid')
      })
    }

    if (plays.includes('absurd')) {
      test('measures that cannot be are none', async ({ assert }) => {
        fake.arm('absurd')
        const call = await callOf(model, order)

        const { raw } = await finish(station(), call)

        const { tokens = {}, ...usage } = station().provider.usage(raw)
        for (const [measure, value] of Object.entries({ ...usage, ...tokens })) {
          if (typeof value !== 'number') continue
          assert.isTrue(Number.isFinite(value) && value >= 0, `${measure} is ${value}`)
        }
        const terms = plainTerms(model.price)
        const upper = upperPrice(model, call, terms).cost
        const all = station().provider.usage(raw)
        assert.doesNotThrow(() =>
          actualPrice(model, { ...call, usage: all, upper, at: new Date() }, terms)
        )
      })
    }

    if (polls) {
      for (const trouble of ['rate', 'server', 'garbled', 'cut', 'lost'] as const) {
        test(`"${trouble}" at a poll is waited for, and the work is found again`, async ({
          assert,
        }) => {
          const call = await callOf(model, lengthy)
          const accepted = asJson(await station().provider.submit(call))
          fake.arm(trouble, { at: 'poll' })

          const failure = await failed(finish(station(), call, accepted))
          const { outputs } = await finish(station(), call, accepted)

          assert.equal(failure.class, 'transient_on_poll')
          assert.isAbove(outputs.length, 0)
          assert.lengthOf(fake.callsTo('submit'), 1)
        })
      }
    }

    if (model.output.transport === 'url' || model.output.transport === 'authed_url') {
      for (const trouble of ['expired', 'redirect', 'oversize'] as const) {
        test(`a file that is "${trouble}" is not fetched, nor anything else instead`, async ({
          assert,
        }) => {
          fake.arm(trouble, { at: 'file', times: 9 })
          const call = await callOf(model, order)

          const work = finish(station(), call)

          await assert.rejects(() => work, /cannot be fetched|was not asked|more than/)
          assert.lengthOf(fake.callsTo('submit'), 1)
        })
      }
    }

    test('no secret and no prompt is in what is thrown, said or logged', async ({ assert }) => {
      const prompt = 'a confidential lighthouse'
      const input = { ...(order?.input ?? model.example) }
      if ('prompt' in model.parameters.properties) input.prompt = prompt
      const all = [
        ...TRANSPORT.map(([trouble]) => trouble),
        ...(Object.keys(troubles) as Trouble[]),
        ...plays,
      ]
      const said: string[] = []
      for (const trouble of all) {
        fake.arm(trouble)
        const call = await callOf(model, { ...order, input })
        const heard = await finish(station(), call).then(
          ({ raw }) => raw,
          (error: unknown) => [error, station().provider.classify(error)]
        )
        said.push(inspect(heard, { depth: 9 }), JSON.stringify(heard))
        fake.forget()
      }
      const text = said.join('\n') + inspect(stand.logged, { depth: 9 })

      for (const secret of [...Object.values(fake.secrets), prompt]) assert.notInclude(text, secret)
    })
  })
}
