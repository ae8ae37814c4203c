import { test } from '@japa/runner'
import { outputSize } from '#core/plugins/geometry'

test.group('Geometry', () => {
  const references = { image: { width: 300, height: 200 } }

  test('a ratio of {ratio} is {width}×{height} at about a megapixel')
    .with([
      { ratio: '1:1', width: 1024, height: 1024 },
      { ratio: '16:9', width: 1360, height: 768 },
      { ratio: '9:16', width: 768, height: 1360 },
      { ratio: '4:1', width: 2048, height: 512 },
      { ratio: '2:2', width: 1024, height: 1024 },
    ])
    .run(({ assert }, { ratio, width, height }) => {
      const geometry = {
        kind: 'aspect',
        param: 'ratio',
        pixels: 1_048_576,
        multipleOf: 16,
      } as const

      assert.deepEqual(outputSize(geometry, { ratio }, {}), { width, height })
    })

  test('a side is never less than one step', ({ assert }) => {
    const geometry = { kind: 'aspect', param: 'ratio', pixels: 100, multipleOf: 64 } as const

    assert.deepEqual(outputSize(geometry, { ratio: '9:1' }, {}), { width: 64, height: 64 })
  })

  test('a scale enlarges both sides of its reference', ({ assert }) => {
    const size = outputSize({ kind: 'scale', of: 'image', factor: 4 }, {}, references)

    assert.deepEqual(size, { width: 1200, height: 800 })
  })

  test('a box of {input} is {size}')
    .with([
      { input: { width: 30, height: 40 }, size: { width: 30, height: 40 } },
      { input: { width: 150 }, size: { width: 150, height: 100 } },
      { input: { height: 100 }, size: { width: 150, height: 100 } },
      { input: {}, size: { width: 300, height: 200 } },
      { input: { width: 100 }, size: { width: 100, height: 67 } },
    ])
    .run(({ assert }, { input, size }) => {
      const geometry = { kind: 'box', width: 'width', height: 'height', of: 'image' } as const

      assert.deepEqual(outputSize(geometry, input, references), size)
    })

  test('a missing side of a thin reference is at least one pixel', ({ assert }) => {
    const geometry = { kind: 'box', width: 'width', height: 'height', of: 'image' } as const
    const thin = { image: { width: 10_000, height: 1 } }

    assert.deepEqual(outputSize(geometry, { width: 10 }, thin), { width: 10, height: 1 })
  })
})
