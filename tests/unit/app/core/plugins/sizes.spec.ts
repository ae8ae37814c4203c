import { test } from '@japa/runner'
import { geometryProblem, outputSize, type Geometry } from '#core/plugins/geometry'
import { filesOf, namedReferences, placed } from '#core/plugins/references'

const size: Geometry = {
  kind: 'size',
  param: 'size',
  bounds: { multipleOf: 16, minSide: 64, maxSide: 3840, maxPixels: 8_294_400, maxRatio: 3 },
}
const table: Geometry = {
  kind: 'table',
  by: ['tier', 'ratio'],
  sizes: { '720p 16:9': '1280x720', '720p 9:16': '720x1280' },
}
const like: Geometry = {
  kind: 'like',
  of: 'images',
  pixels: { by: 'tier', of: { '480p': 400_000, '720p': 921_600 } },
  multipleOf: 16,
}

test.group('The size of an output', () => {
  test('is written out, looked up, or follows the first reference', ({ assert }) => {
    const free: Geometry = { kind: 'free', width: 'w', height: 'h', bounds: {} }
    const photo = { 'images/0': { width: 4000, height: 1000 } }

    assert.deepEqual(outputSize(size, { size: '1024x1536' }, {}), { width: 1024, height: 1536 })
    assert.deepEqual(outputSize(free, { w: 640, h: 64 }, {}), { width: 640, height: 64 })
    const vertical = { tier: '720p', ratio: '9:16' }
    assert.deepEqual(outputSize(table, vertical, {}), { width: 720, height: 1280 })
    assert.deepEqual(outputSize(like, { tier: '720p' }, photo), { width: 1920, height: 480 })
  })

  test('{size} is refused: {says}')
    .with([
      { size: '1000x1024', says: 'both sides must be multiples of 16' },
      { size: '48x64', says: 'no side may be shorter than 64' },
      { size: '4096x2048', says: 'no side may be longer than 3840' },
      { size: '3840x3840', says: 'it may have at most 8294400 pixels' },
      { size: '2048x512', says: 'it may be at most 3 times as long as wide' },
    ])
    .run(({ assert }, wrong) => {
      const problem = geometryProblem(size, { size: wrong.size })

      assert.equal(problem?.parameter, 'size')
      assert.include(problem!.message, wrong.says)
    })

  test('within its bounds is taken, and an enum needs none', ({ assert }) => {
    assert.isNull(geometryProblem(size, { size: '3840x2160' }))
    assert.isNull(geometryProblem(size, { size: '64x192' }))
    assert.isNull(geometryProblem(table, { tier: '720p', ratio: '16:9' }))
    assert.isNull(geometryProblem(undefined, {}))
  })
})

test.group('The files of an input', () => {
  const file = { mime: [], maxMegapixels: 1, maxBytes: 1 }

  test('are named one by one, in the order of their lists', ({ assert }) => {
    const input = { mask: 'm', images: ['a', 'b'], prompt: 'x' }
    const named = namedReferences({ images: file, mask: file, start: file }, input)

    assert.deepEqual(
      named.map(({ at, value }) => [at, value]),
      [
        ['images/0', 'a'],
        ['images/1', 'b'],
        ['mask', 'm'],
      ]
    )
    const changed = placed(input, { 'images/1': 'c', 'mask': 'n' })
    assert.deepEqual(changed, { mask: 'n', images: ['a', 'c'], prompt: 'x' })
    assert.deepEqual(input.images, ['a', 'b'])
  })

  test('are found again by their parameter', ({ assert }) => {
    const found = { 'images/1': 'b', 'images/0': 'a', 'mask': 'm' }

    assert.deepEqual(filesOf(found, 'images'), ['a', 'b'])
    assert.deepEqual(filesOf(found, 'mask'), ['m'])
    assert.deepEqual(filesOf(found, 'start'), [])
  })
})
