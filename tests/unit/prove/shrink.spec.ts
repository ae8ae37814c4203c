import { test } from '@japa/runner'
import { shrink } from '../../../prove/model/shrink.js'

const items = Array.from({ length: 100 }, (_, n) => n)
const failsWith = (needed: number[]) => async (some: number[]) =>
  needed.every((one) => some.includes(one))

test.group('Shrinking a failing stream', () => {
  test('leaves what the failure needs and nothing else: {$self}')
    .with([[0], [99], [3, 4], [10, 50, 90], [0, 99]])
    .run(async ({ assert }, needed) => {
      assert.deepEqual(await shrink(items, failsWith(needed)), needed)
    })

  test('what needs everything stays whole', async ({ assert }) => {
    assert.deepEqual(await shrink(items, failsWith(items)), items)
  })

  test('out of patience it answers with the shortest found', async ({ assert }) => {
    const best = await shrink(items, failsWith([3, 97]), 4)

    assert.isBelow(best.length, items.length + 1)
    assert.includeMembers(best, [3, 97])
  })
})
