import { test } from '@japa/runner'
import sharp from 'sharp'
import { classify } from '../mapping.js'
import { resize, type ResizeInput } from '../resize.js'
import { photoOf, pixelsOf } from './pictures.js'

const DEFAULTS: ResizeInput = {
  fit: 'cover',
  position: 'centre',
  background: '#ffffff',
  format: 'png',
  quality: 85,
}

const resized = (bytes: Uint8Array, input: Partial<ResizeInput>) =>
  resize(bytes, { ...DEFAULTS, ...input })

const failure = async (work: Promise<unknown>) =>
  classify(await work.catch((thrown: unknown) => thrown))

test.group('Resize', (group) => {
  group.each.timeout(20_000)

  test('{fit} makes {width}×{height} of 100×50 in a box of 40×40')
    .with([
      { fit: 'cover', width: 40, height: 40 },
      { fit: 'contain', width: 40, height: 40 },
      { fit: 'fill', width: 40, height: 40 },
      { fit: 'inside', width: 40, height: 20 },
      { fit: 'outside', width: 80, height: 40 },
    ] as const)
    .run(async ({ assert }, { fit, width, height }) => {
      const { bytes, report } = await resized(await photoOf(100, 50), {
        fit,
        width: 40,
        height: 40,
      })

      const file = await sharp(bytes).metadata()
      assert.deepEqual({ width: file.width, height: file.height }, { width, height })
      assert.deepEqual(report, { engine: 'resize', width, height, pixelsIn: 5000 })
    })

  test('a missing side keeps the ratio, and without either the size stays', async ({ assert }) => {
    const source = await photoOf(101, 50)
    for (const [input, width, height] of [
      [{ width: 33 }, 33, 16],
      [{ height: 25, fit: 'outside' }, 51, 25],
      [{ format: 'webp' }, 101, 50],
    ] as const) {
      const { report } = await resized(source, input)
      assert.deepEqual([report.width, report.height], [width, height])
    }
  })

  test('a crop keeps the side it is told to', async ({ assert }) => {
    const halves = await sharp({
      create: { width: 40, height: 20, channels: 3, background: '#f00' },
    })
      .composite([
        {
          input: { create: { width: 20, height: 20, channels: 3, background: '#00f' } },
          left: 20,
          top: 0,
        },
      ])
      .removeAlpha()
      .png()
      .toBuffer()

    const input = { width: 10, height: 10 }
    const left = await resized(halves, { ...input, position: 'left' })
    const right = await resized(halves, { ...input, position: 'right' })

    const first = await pixelsOf(left.bytes)
    const last = await pixelsOf(right.bytes)
    assert.deepEqual([...first.data.subarray(0, 3)], [255, 0, 0])
    assert.deepEqual([...last.data.subarray(-3)], [0, 0, 255])
  })

  test('"attention" and "entropy" are legal with every fit', async ({ assert }) => {
    const source = await photoOf(60, 40)
    for (const fit of ['cover', 'contain', 'fill', 'inside', 'outside'] as const) {
      for (const position of ['attention', 'entropy'] as const) {
        const { report } = await resized(source, { fit, position, width: 20, height: 20 })
        assert.isAtLeast(report.width, 20)
      }
    }
  })

  test('borders and transparency take the background in a JPEG', async ({ assert }) => {
    const clear = await sharp({
      create: { width: 20, height: 10, channels: 4, background: '#0000' },
    })
      .png()
      .toBuffer()

    const { bytes } = await resized(clear, {
      width: 20,
      height: 20,
      fit: 'contain',
      background: '#00ff00',
      format: 'jpeg',
    })

    const { data } = await pixelsOf(bytes)
    assert.isTrue(data.every((value, index) => (index % 3 === 1 ? value > 250 : value < 5)))
  })

  test('turns a picture the way its camera meant it', async ({ assert }) => {
    const lying = await sharp(await photoOf(40, 20))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()

    const { report } = await resized(lying, { width: 10 })
    assert.deepEqual([report.width, report.height], [10, 20])
  })

  test('refuses results beyond reason before it makes them', async ({ assert }) => {
    const thin = await sharp({ create: { width: 2, height: 200, channels: 3, background: '#888' } })
      .png()
      .toBuffer()

    const tall = await failure(resized(thin, { width: 8192 }))
    assert.equal(tall.class, 'invalid_input')
    assert.include(tall.message, '8192×819200')
    const webp = await failure(resized(thin, { width: 400, format: 'webp' }))
    assert.include(webp.message, 'webp takes 16383')
  })

  test('refuses what is no picture, and one that is cut', async ({ assert }) => {
    const whole = await photoOf(64, 64)

    for (const bytes of [Buffer.from('text'), whole.subarray(0, 2000)]) {
      const { class: errorClass } = await failure(resized(bytes, { width: 9 }))
      assert.equal(errorClass, 'invalid_input')
    }
  })
})
