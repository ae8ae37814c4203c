import { createHash } from 'node:crypto'
import { test } from '@japa/runner'
import { hashKey, KEY_PATTERN, mintKey } from '#app/identity/api_key'

test.group('API keys', () => {
  test('a key says its mode, and is of the form that is let in', ({ assert }) => {
    for (const mode of ['live', 'test'] as const) {
      const { text, prefix } = mintKey(mode)
      assert.match(text, new RegExp(`^dg_${mode}_[A-Za-z2-9]{40}$`))
      assert.match(text, KEY_PATTERN)
      assert.equal(prefix, text.slice(0, 14))
    }
  })

  test('what is kept is the digest of the whole key', ({ assert }) => {
    const { text, hash } = mintKey('live')

    assert.deepEqual(hash, createHash('sha256').update(text).digest())
    assert.deepEqual(hashKey(text), hash)
    assert.notDeepEqual(hashKey(`${text.slice(0, -1)}!`), hash)
  })

  test('no two keys are alike, and every letter is as likely as any other', ({ assert }) => {
    const keys = Array.from({ length: 5000 }, () => mintKey('live').text.slice('dg_live_'.length))
    const counts = new Map<string, number>()
    for (const letter of keys.join('')) counts.set(letter, (counts.get(letter) ?? 0) + 1)

    assert.equal(new Set(keys).size, keys.length)
    assert.equal(counts.size, 56)
    // 200,000 letters: 3571 each, give or take seven standard deviations.
    for (const [letter, count] of counts) assert.closeTo(count, 3571, 415, letter)
  })

  const none = [
    '',
    'dg_live_',
    `dg_live_${'a'.repeat(39)}`,
    `dg_live_${'a'.repeat(41)}`,
    `dg_prod_${'a'.repeat(40)}`,
    `DG_LIVE_${'a'.repeat(40)}`,
    ` dg_live_${'a'.repeat(40)}`,
    `dg_live_${'a'.repeat(40)}\n`,
    `dg_live_${'ä'.repeat(40)}`,
  ]
  test('{shown} is no key')
    .with(none.map((text) => ({ text, shown: JSON.stringify(text) })))
    .run(({ assert }, { text }) => {
      assert.notMatch(text, KEY_PATTERN)
    })
})
