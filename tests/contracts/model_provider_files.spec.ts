import { test } from '@japa/runner'
import { readFile } from '#tests/contracts/model_provider/files'
import { sound } from '#tests/fakes/vendor/media'

const QUALITY = { hertz: 44_100, kilobits: 128 }

test.group('The contract suite reads a sound', () => {
  test('and says how long it plays, behind a tag as well', async ({ assert }) => {
    const tag = Buffer.from('ID3\x04\x00\x00\x00\x00\x00\x05title', 'latin1')
    const bytes = sound(QUALITY, 2)

    for (const file of [bytes, Buffer.concat([tag, bytes])]) {
      const { contentType, durationMs } = await readFile(file)
      assert.equal(contentType, 'audio/mpeg')
      assert.closeTo(durationMs!, 2_000, 30)
    }
  })

  test('but none that is cut, or goes on as something else', async ({ assert }) => {
    const bytes = sound(QUALITY, 2)

    await assert.rejects(() => readFile(bytes.subarray(0, -10)), /is cut/)
    await assert.rejects(() => readFile(Buffer.concat([bytes, Buffer.from('<html>')])), /no frame/)
  })

  test('and each shade is another file of the same length', ({ assert }) => {
    const [one, other] = [sound(QUALITY, 1, 1), sound(QUALITY, 1, 2)]

    assert.lengthOf(one, other.length)
    assert.isFalse(one.equals(other))
  })
})
