import { createHash } from 'node:crypto'
import { test } from '@japa/runner'
import sharp from 'sharp'
import { storeFile } from '#app/assets/actions/store_file'
import { FileStore } from '#app/assets/file_store'
import { mp4, picture } from '#tests/functional/assets/samples'

const accountId = 'org_store'

test.group('Store file', () => {
  test('writes a picture under its digest and says what it is', async ({ assert }) => {
    const bytes = await picture('webp', { width: 20, height: 10 })
    const stored = await storeFile({ accountId, bytes, contentType: 'image/png' })

    assert.deepEqual(stored, {
      sha256: createHash('sha256').update(bytes).digest('hex'),
      contentType: 'image/webp',
      bytes: bytes.length,
      width: 20,
      height: 10,
    })
    assert.deepEqual(Buffer.from(await new FileStore().bytes({ accountId, ...stored })), bytes)
  })

  test('believes the sender about bytes that do not say what they are', async ({ assert }) => {
    const typeOf = (text: string | Buffer, contentType?: string) =>
      storeFile({ accountId, bytes: Buffer.from(text), contentType }).then(
        (file) => file.contentType
      )

    assert.equal(await typeOf('<svg/>', 'image/svg+xml'), 'image/svg+xml')
    const declared = '<?xml version="1.0"?><svg/>'
    assert.equal(await typeOf(declared, 'image/svg+xml'), 'image/svg+xml')
    assert.equal(await typeOf(declared, 'image/png'), 'application/xml')
    assert.equal(await typeOf(mp4(), 'application/octet-stream'), 'video/mp4')
    assert.equal(await typeOf('noise'), 'application/octet-stream')
  })

  test('brings back a file that was lost', async ({ assert }) => {
    const bytes = await picture('png')
    const { sha256 } = await storeFile({ accountId, bytes })
    await new FileStore().remove({ accountId, sha256 })
    await storeFile({ accountId, bytes })

    assert.equal(await new FileStore().size({ accountId, sha256 }), bytes.length)
  })

  test('says how large a picture is as people see it', async ({ assert }) => {
    const sizeOf = async (bytes: Buffer) => {
      const { width, height } = await storeFile({ accountId, bytes })
      return [width, height]
    }
    for (const format of ['png', 'jpeg'] as const) {
      const lying = await picture(format, { width: 20, height: 10 })
      const turned = await sharp(lying).withMetadata({ orientation: 6 }).toBuffer()

      assert.deepEqual(await sizeOf(lying), [20, 10])
      assert.deepEqual(await sizeOf(turned), [10, 20])
    }
  })

  test('does not take a picture that is none', async ({ assert }) => {
    const whole = await picture('png')
    const bytes = whole.subarray(0, 20)
    await assert.rejects(() => storeFile({ accountId, bytes }), /hold no picture/)
  })
})
