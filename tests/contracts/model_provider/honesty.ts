import { test } from '@japa/runner'
import type { ModelManifest } from '#core/plugins/define_plugin'
import type { FakeVendor } from '#tests/fakes/vendor/fake_vendor'
import {
  asJson,
  callOf,
  finish,
  stationOf,
  type Order,
  type Station,
  type Subject,
} from './orders.js'
import type { VendorStand } from './vendor_stand.js'

const TIMEOUT_MS = 60_000

/**
 * Whether what a plugin delivers was made by its vendor, for this order. Throws in one sentence what
 * it made up.
 */
export async function proveHonesty(
  station: Station,
  fake: FakeVendor,
  { model, order }: { model: ModelManifest; order?: Order }
) {
  const before = fake.callsTo('submit').length
  const call = await callOf(model, order)
  const { outputs } = await finish(station, call)
  const asked = fake.callsTo('submit').length - before
  if (asked !== 1) throw new Error(`The vendor was asked ${asked} times for one order.`)
  const forged = outputs.findIndex(({ bytes }) => !fake.hasMade(bytes))
  if (forged >= 0) throw new Error(`The vendor never made output ${forged + 1}.`)
  if (outputs.length === 0) throw new Error('Nothing was delivered, and it is called done.')
}

/** Nothing is made up, nothing is asked twice, and what was submitted is found again. */
export function honestySuite({
  name,
  model,
  open,
  setup,
  order,
  lengthy,
  stand,
}: Subject & { stand: VendorStand }) {
  test.group(`Model provider | ${name} and the truth`, (group) => {
    setup?.(group)
    const station = stationOf(group, open)
    group.each.timeout(TIMEOUT_MS)
    const { fake } = stand

    test('delivers what its vendor made, asked once', async ({ assert }) => {
      await assert.doesNotReject(() => proveHonesty(station(), fake, { model, order }))
    })

    if (model.execution.shape !== 'sync') {
      test('a worker that takes over polls, and submits nothing', async ({ assert }) => {
        const call = await callOf(model, lengthy)
        const [killed, next] = [open(), open()]
        const accepted = await killed.provider.submit(call)
        assert.equal(accepted.status, 'pending')

        const { outputs } = await finish(next, { ...call, attempt: 2 }, asJson(accepted))

        assert.isAbove(outputs.length, 0)
        assert.lengthOf(fake.callsTo('submit'), 1)
        assert.isTrue(outputs.every(({ bytes }) => fake.hasMade(bytes)))
      })
    }
  })
}
