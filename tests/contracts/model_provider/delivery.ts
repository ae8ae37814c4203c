import { test } from '@japa/runner'
import { outputSize } from '#core/plugins/geometry'
import { actualPrice, requestedOutputs, upperPrice } from '#core/prices/price_model'
import { plainTerms } from '#tests/plain_terms'
import { readFile } from './files.js'
import { asJson, callOf, finish, legalInput, stationOf, type Subject } from './orders.js'

const TIMEOUT_MS = 60_000
const LARGEST_RAW_BYTES = 16_384

/** A legal order, from its acceptance to its bill. */
export function deliverySuite({ name, model, open, setup, order }: Subject) {
  test.group(`Model provider | ${name} delivers`, (group) => {
    setup?.(group)
    const station = stationOf(group, open)
    group.each.timeout(TIMEOUT_MS)

    test('its example is a legal input', ({ assert }) => {
      assert.doesNotThrow(() => legalInput(model))
    })

    test('files of the kind, number and size that were priced', async ({ assert }) => {
      const call = await callOf(model, order)
      const { outputs } = await finish(station(), call)

      assert.lengthOf(outputs, requestedOutputs(model, call.input))
      for (const output of outputs) {
        const file = await readFile(output.bytes)
        assert.include(model.output.mime, output.contentType)
        assert.equal(file.contentType, output.contentType)
        if (model.geometry) {
          const size = outputSize(model.geometry, call.input, call.references)
          assert.deepEqual({ width: file.width, height: file.height }, size)
        }
        if (model.secondsParameter) {
          assert.equal(output.durationMs, Number(call.input[model.secondsParameter]) * 1000)
          assert.closeTo(file.durationMs!, output.durationMs!, 50)
        }
      }
    })

    test('measures that match the files and cost no more than was held', async ({ assert }) => {
      const call = await callOf(model, order)
      const { outputs, raw } = await finish(station(), call)
      const usage = station().provider.usage(raw)

      assert.equal(usage.outputs, outputs.length)
      const files = await Promise.all(outputs.map(({ bytes }) => readFile(bytes)))
      const pixels = files.reduce((sum, { width, height }) => sum + width * height, 0)
      if (usage.pixelsOut !== undefined) assert.equal(usage.pixelsOut, pixels)

      const terms = plainTerms(model.price)
      const upper = upperPrice(model, call, terms)
      const at = new Date()
      const actual = actualPrice(model, { ...call, usage, upper: upper.cost, at }, terms)
      assert.isNull(actual.report?.doubt ?? null, 'what it reports is not believed')
      assert.isTrue(actual.cost.micro <= upper.cost.micro, `${actual.cost} exceeds ${upper.cost}`)
      if (!('free' in model.price.rule)) assert.isTrue(actual.cost.micro > 0n, 'it costs nothing')
    })

    test('a raw answer that a row and a log can take', async ({ assert }) => {
      const { raw } = await finish(station(), await callOf(model, order))

      assert.deepEqual(station().provider.usage(asJson(raw)), station().provider.usage(raw))
      assert.isBelow(JSON.stringify(raw).length, LARGEST_RAW_BYTES)
    })

    test('progress that only grows, from 0 to 1', async ({ assert }) => {
      const seen: number[] = []
      await finish(station(), await callOf(model, order, { progress: (part) => seen.push(part) }))

      assert.isTrue(seen.every((part) => part >= 0 && part <= 1))
      assert.deepEqual(
        seen,
        [...seen].sort((a, b) => a - b)
      )
    })
  })
}
