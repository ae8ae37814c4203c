import { test } from '@japa/runner'
import { planTiles, REACH, withSurroundings } from '../engine/tiles.js'

const SIZES = [
  { width: 1, height: 1 },
  { width: 31, height: 400 },
  { width: 512, height: 512 },
  { width: 1000, height: 333 },
]

test.group('Tiles', () => {
  test('cover every pixel exactly once', ({ assert }) => {
    for (const picture of SIZES) {
      const seen = new Uint8Array(picture.width * picture.height)
      for (const { left, top, width, height } of planTiles(picture, { edge: 256, threads: 2 })) {
        for (let y = top; y < top + height; y++) {
          for (let x = left; x < left + width; x++) seen[y * picture.width + x]++
        }
      }

      assert.isTrue(seen.every((times) => times === 1))
    }
  })

  test('are no longer than the edge and keep all threads busy', ({ assert }) => {
    for (const threads of [1, 2, 3]) {
      const tiles = planTiles({ width: 700, height: 300 }, { edge: 256, threads })

      assert.isTrue(tiles.every(({ width, height }) => width <= 256 && height <= 256))
      assert.equal(tiles.length % threads, 0)
    }
  })

  test('are one where the picture is too small to share out, or no edge is set', ({ assert }) => {
    assert.lengthOf(planTiles({ width: 40, height: 40 }, { edge: 256, threads: 2 }), 1)
    assert.lengthOf(planTiles({ width: 900, height: 900 }, { edge: Infinity, threads: 2 }), 1)
  })

  test('reach into their surroundings but not beyond the picture', ({ assert }) => {
    const picture = { width: 100, height: 100 }

    assert.deepEqual(withSurroundings({ left: 0, top: 50, width: 50, height: 50 }, picture), {
      left: 0,
      top: 50 - REACH,
      width: 50 + REACH,
      height: 50 + REACH,
    })
  })
})
