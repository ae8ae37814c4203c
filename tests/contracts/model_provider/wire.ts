import { test } from '@japa/runner'
import { legalOrders } from '#app/pricing/legal_inputs'
import { checkInput } from '#app/generations/validators/model_input'
import type { IllegalCase, WireCase } from '#tests/contracts/vendor_plugin'
import type { FakeCall } from '#tests/fakes/vendor/fake_vendor'
import { picture } from '#tests/fakes/vendor/media'
import { callOf, finish, stationOf, type Subject } from './orders.js'
import type { VendorStand } from './vendor_stand.js'

const LEGAL_ORDERS = 25
/** Of the orders whose bodies are written down. */
const WIRE_JOB = 'job_contract'
const TIMEOUT_MS = 120_000

interface WireSubject extends Subject {
  stand: VendorStand
  wire: WireCase[]
  illegal: IllegalCase[]
}

/** What is asked for reaches the vendor as it is documented, and nothing else does. */
export function wireSuite({ name, model, open, setup, stand, wire, illegal }: WireSubject) {
  test.group(`Model provider | ${name} on the wire`, (group) => {
    setup?.(group)
    const station = stationOf(group, open)
    group.each.timeout(TIMEOUT_MS)
    const { fake } = stand

    for (const [n, { sends, ...order }] of wire.entries()) {
      test(`order ${n + 1} is sent field by field`, async ({ assert }) => {
        await finish(station(), await callOf(model, order, { jobId: WIRE_JOB }))

        const [call, ...more] = fake.callsTo('submit')
        assert.lengthOf(more, 0, 'it was submitted again')
        assert.equal(`${call.method} ${call.path}`, `${sends.method ?? 'POST'} ${sends.path}`)
        if (sends.json) assert.deepEqual(call.json(), sends.json)
        if (sends.form) assert.deepEqual(await formOf(call), sends.form)
        for (const [header, value] of Object.entries(sends.headers ?? {})) {
          assert.equal(call.headers[header], value)
        }
      })
    }

    test('every parameter is seen on the wire in one of them', ({ assert }) => {
      const shown = wire.flatMap(({ input = model.example, references = {} }) => [
        ...Object.keys(input),
        ...Object.keys(references).map((at) => at.split('/')[0]),
      ])
      const hidden = Object.keys(model.parameters.properties).filter(
        (parameter) => !shown.includes(parameter)
      )
      assert.deepEqual(hidden, [])
    })

    for (const { input, param, says } of illegal) {
      test(`${JSON.stringify(input).slice(0, 80)} never reaches it`, ({ assert }) => {
        const problem = checkInput(model, structuredClone(input), '')

        assert.equal(problem?.param, param)
        assert.match(problem!.message, says)
      })
    }

    test('whatever is legal is taken by the vendor', async ({ assert }) => {
      const bytes = await picture({ width: 64, height: 64 })
      for (const { input, references } of legalOrders(model, { seed: 7, limit: LEGAL_ORDERS })) {
        const call = await callOf(model, { input: small(input, model.outputsParameter) })
        call.input = small(input, model.outputsParameter)
        call.references = Object.fromEntries(
          Object.entries(references).map(([at, size]) => [
            at,
            {
              ...size,
              contentType: model.references[at.split('/')[0]].mime[0],
              bytes: async () => bytes,
              url: () => `https://files.example/${at}`,
            },
          ])
        )
        await station()
          .provider.submit(call)
          .catch((error: Error & { body?: unknown }) => {
            const said = JSON.stringify(error.body)
            assert.fail(`${JSON.stringify(input).slice(0, 300)}: ${error.message} ${said}`)
          })
      }
      assert.isAbove(fake.callsTo('submit').length, 0)
    })
  })
}

/** Many outputs at once only take time. */
function small(input: Record<string, unknown>, outputs: string | undefined) {
  return outputs === undefined
    ? input
    : { ...input, [outputs]: Math.min(2, Number(input[outputs])) }
}

async function formOf(call: FakeCall): Promise<[string, string][]> {
  const form = await call.form()
  return form.map(([name, value]) => [
    name,
    typeof value === 'string' ? value : `file ${value.contentType}`,
  ])
}
