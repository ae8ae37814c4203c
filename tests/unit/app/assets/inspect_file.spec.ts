import { test } from '@japa/runner'
import { inspectFile } from '#app/assets/inspect_file'
import {
  animatedGif,
  bomb,
  html,
  mp4,
  picture,
  svg,
  turnedJpeg,
} from '#tests/functional/assets/samples'

const rules = {
  contentTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/avif', 'image/gif', 'video/mp4'],
  maxBytes: 1_000_000,
  maxPixels: 1_000_000,
}

async function refusalOf(bytes: Uint8Array, declaredType?: string) {
  const inspection = await inspectFile({ content: { bytes }, rules, declaredType })
  return inspection.ok ? null : inspection.refusal
}

test.group('File inspection', () => {
  test('tells type and size of a {$self} from its bytes')
    .with(['png', 'jpeg', 'webp', 'avif', 'gif'] as const)
    .run(async ({ assert }, format) => {
      const bytes = await picture(format, { width: 33, height: 21 })
      const inspection = await inspectFile({ content: { bytes }, rules })
      assert.deepEqual(inspection, {
        ok: true,
        facts: { contentType: `image/${format}`, bytes: bytes.length, width: 33, height: 21 },
      })
    })

  test('gives the size of a turned picture as people see it', async ({ assert }) => {
    const inspection = await inspectFile({ content: { bytes: await turnedJpeg() }, rules })
    assert.containSubset(inspection, { ok: true, facts: { width: 30, height: 40 } })
  })

  test('takes a film by its type', async ({ assert }) => {
    const inspection = await inspectFile({ content: { bytes: mp4() }, rules })
    assert.deepEqual(inspection, {
      ok: true,
      facts: { contentType: 'video/mp4', bytes: mp4().length },
    })
  })

  test('refuses {0}')
    .with<[string, () => Uint8Array | Promise<Uint8Array>, string][]>([
      ['nothing', () => new Uint8Array(), 'file_empty'],
      ['what is too large', () => new Uint8Array(1_000_001), 'file_too_large'],
      ['text', () => Buffer.from('hello'), 'file_unknown_type'],
      ['HTML', () => html, 'file_unknown_type'],
      ['SVG', () => svg, 'file_unknown_type'],
      [
        'SVG with a prologue',
        () => Buffer.concat([Buffer.from('<?xml version="1.0"?>'), svg]),
        'file_unsupported_type',
      ],
      ['PDF', () => Buffer.from('%PDF-1.7 and so on'), 'file_unsupported_type'],
      [
        'a name of PNG on nothing',
        () => picture('png').then((bytes) => bytes.subarray(0, 20)),
        'file_unreadable',
      ],
      ['a bomb by its claim alone', () => bomb(50_000, 50_000), 'file_too_many_pixels'],
      ['many small frames', () => animatedGif(5, 500), 'file_too_many_pixels'],
    ])
    .run(async ({ assert }, [, make, type]) => {
      const refusal = await refusalOf(await make())
      assert.equal(refusal?.type, type)
      assert.isAbove(refusal!.message.length, 20)
    })

  test('refuses a {$self} that lacks its end')
    .with(['png', 'jpeg', 'webp', 'avif', 'gif'] as const)
    .run(async ({ assert }, format) => {
      const bytes = await picture(format, { width: 200, height: 200 })
      const refusal = await refusalOf(bytes.subarray(0, Math.floor(bytes.length * 0.98)))
      assert.equal(refusal?.type, 'file_unreadable')
    })

  test('refuses a file that is not what it was declared as, and tells both', async ({ assert }) => {
    const bytes = await picture('jpeg')

    assert.containSubset(await refusalOf(bytes, 'image/png'), {
      type: 'file_type_mismatch',
      declared: 'image/png',
      actual: 'image/jpeg',
    })
    assert.isNull(await refusalOf(bytes, 'image/jpg'))
    assert.isNull(await refusalOf(bytes, 'IMAGE/JPEG; q=1'))
    assert.isNull(await refusalOf(bytes, 'application/octet-stream'))
  })
})
