import { test } from '@japa/runner'
import sharp from 'sharp'
import { Upscaler } from '../engine/upscaler.js'
import { classify } from '../mapping.js'
import { difference, photo, photoOf, pixelsOf } from './pictures.js'

const FORMAT = { format: 'png' } as const

test.group('Upscaler', (group) => {
  const upscaler = new Upscaler({ threads: 2 })
  group.teardown(() => upscaler.close())
  group.each.timeout(60_000)

  test('leaves no seam: tiles give what one pass over the whole picture gives', async ({
    assert,
  }) => {
    const tiled = new Upscaler({ threads: 2, resultEdge: 64 })
    const whole = new Upscaler({ threads: 1, resultEdge: Infinity })
    const bytes = await photoOf(90, 70)

    for (const factor of [2, 3, 4] as const) {
      const pieces = await tiled.upscale({ bytes, factor, ...FORMAT })
      const one = await whole.upscale({ bytes, factor, ...FORMAT })

      assert.isAbove(pieces.tiles, 4)
      assert.equal(one.tiles, 1)
      const { largest } = await difference(pieces.bytes, one.bytes)
      assert.isAtMost(largest, 1)
    }
    await Promise.all([tiled.close(), whole.close()])
  })

  test('restores a photo better than Lanczos does', async ({ assert }) => {
    const original = await sharp(photo).png().toBuffer()
    const small = await sharp(photo).resize(96, 96, { kernel: 'cubic' }).png().toBuffer()

    const { bytes } = await upscaler.upscale({ bytes: small, factor: 2, ...FORMAT })

    const lanczos = await sharp(small).resize(192, 192, { kernel: 'lanczos3' }).png().toBuffer()
    const ours = await difference(bytes, original)
    const classic = await difference(lanczos, original)
    assert.isBelow(ours.mean, classic.mean)
  })

  test('keeps transparency', async ({ assert }) => {
    const mask = await sharp({
      create: { width: 60, height: 40, channels: 4, background: '#0000' },
    })
      .composite([{ input: await photoOf(30, 40), left: 0, top: 0 }])
      .png()
      .toBuffer()

    const { bytes } = await upscaler.upscale({ bytes: mask, factor: 2, ...FORMAT })

    const { data, channels, width } = await pixelsOf(bytes)
    assert.equal(channels, 4)
    const alphaAt = (x: number, y: number) => data[(y * width + x) * 4 + 3]
    assert.equal(alphaAt(20, 40), 255)
    assert.equal(alphaAt(100, 40), 0)
  })

  test('puts transparency on white in a JPEG', async ({ assert }) => {
    const nothing = await sharp({
      create: { width: 20, height: 20, channels: 4, background: '#0000' },
    })
      .png()
      .toBuffer()

    const { bytes } = await upscaler.upscale({ bytes: nothing, factor: 2, format: 'jpeg' })

    const { data, channels } = await pixelsOf(bytes)
    assert.equal(channels, 3)
    assert.isTrue(data.every((value) => value > 250))
  })

  test('turns a picture the way its camera meant it', async ({ assert }) => {
    const lying = await sharp(await photoOf(40, 20))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()

    const { width, height } = await upscaler.upscale({ bytes: lying, factor: 2, ...FORMAT })
    assert.deepEqual({ width, height }, { width: 40, height: 80 })
  })

  test('takes grey pictures, with and without transparency', async ({ assert }) => {
    const grey = sharp(await photoOf(20, 20)).greyscale()
    for (const bytes of [
      await grey.clone().png().toBuffer(),
      await grey.clone().ensureAlpha(0.5).png().toBuffer(),
    ]) {
      const result = await upscaler.upscale({ bytes, factor: 2, ...FORMAT })
      assert.equal(result.width, 40)
    }
  })

  test('refuses what is no picture, and a result its format cannot hold', async ({ assert }) => {
    const whole = await photoOf(64, 64)
    const wide = await sharp({
      create: { width: 9000, height: 2, channels: 3, background: '#888' },
    })
      .png()
      .toBuffer()

    for (const order of [
      { bytes: Buffer.from('no picture'), factor: 2, ...FORMAT } as const,
      { bytes: whole.subarray(0, 2000), factor: 2, ...FORMAT } as const,
      { bytes: wide, factor: 2, format: 'webp' } as const,
    ]) {
      const error = await upscaler.upscale(order).catch((thrown: unknown) => thrown)
      assert.equal(classify(error).class, 'invalid_input')
    }
  })

  test('reports each tile as it is done', async ({ assert }) => {
    const seen: string[] = []
    const bytes = await photoOf(80, 80)

    await upscaler.upscale({
      bytes,
      factor: 2,
      ...FORMAT,
      progress: (tile, tiles) => seen.push(`${tile}/${tiles}`),
    })
    assert.deepEqual(seen, ['1/2', '2/2'])
  })

  test('an abort takes the waiting tiles off the threads', async ({ assert }) => {
    const abort = new AbortController()
    const tiles: number[] = []
    const small = new Upscaler({ threads: 1, resultEdge: 64 })

    const work = small.upscale({
      bytes: await photoOf(128, 128),
      factor: 2,
      ...FORMAT,
      signal: abort.signal,
      progress(tile) {
        tiles.push(tile)
        abort.abort()
      },
    })

    const error = await work.catch((thrown: unknown) => thrown)
    assert.equal(classify(error).class, 'canceled')
    const next = await small.upscale({ bytes: await photoOf(16, 16), factor: 2, ...FORMAT })
    assert.equal(next.width, 32)
    assert.deepEqual(tiles, [1])
    await small.close()
  })

  test('many pictures at once share the threads', async ({ assert }) => {
    const bytes = await photoOf(40, 40)
    const alone = await upscaler.upscale({ bytes, factor: 2, ...FORMAT })

    const orders = Array.from({ length: 6 }, () =>
      upscaler.upscale({ bytes, factor: 2, ...FORMAT })
    )
    for (const { bytes: result } of await Promise.all(orders)) {
      const { largest } = await difference(result, alone.bytes)
      assert.equal(largest, 0)
    }
  })

  test('forgets every tensor of a finished picture', async ({ assert }) => {
    const one = new Upscaler({ threads: 1 })
    const bytes = await photoOf(24, 24)
    const first = await one.upscale({ bytes, factor: 2, ...FORMAT })
    await one.upscale({ bytes, factor: 2, ...FORMAT })
    const third = await one.upscale({ bytes, factor: 2, ...FORMAT })

    assert.equal(third.tensors, first.tensors)
    await one.close()
  })

  test('starts again after its threads were idle or closed', async ({ assert }) => {
    const brief = new Upscaler({ threads: 1, idleMs: 1 })
    const bytes = await photoOf(16, 16)
    await brief.upscale({ bytes, factor: 2, ...FORMAT })
    await new Promise((resolve) => setTimeout(resolve, 50))
    await brief.upscale({ bytes, factor: 2, ...FORMAT })
    await brief.close()

    const again = await brief.upscale({ bytes, factor: 2, ...FORMAT })
    assert.equal(again.width, 32)
    await brief.close()
  })

  test('closing ends work under way as canceled', async ({ assert }) => {
    const closing = new Upscaler({ threads: 1, resultEdge: 64 })
    const work = closing
      .upscale({
        bytes: await photoOf(128, 128),
        factor: 2,
        ...FORMAT,
        progress: () => closing.close(),
      })
      .catch((thrown: unknown) => thrown)

    assert.equal(classify(await work).class, 'canceled')
  })
})
