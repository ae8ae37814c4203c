import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { test } from '@japa/runner'
import { digestOf, RootKey, rootOf, textOf, type Root } from '#core/ledger/evidence/signed_root'

const ROOT: Root = {
  number: 7,
  time: new Date('2026-11-23T08:00:00.123Z'),
  previous: 'ab'.repeat(32),
  accounts: 3,
  entries: 2n ** 60n,
  merkleRoot: 'cd'.repeat(32),
  heads: { base: 5, count: 1, sha256: 'ef'.repeat(32) },
}
const key = new RootKey(generateKeyPairSync('ed25519').privateKey)

test.group('A signed root', () => {
  test('its text is read back as it was', ({ assert }) => {
    assert.deepEqual(rootOf(textOf(ROOT)), ROOT)
  })

  test('{$self} is no root')
    .with([
      '',
      'null',
      '{}',
      '[]',
      ` ${textOf(ROOT)}`,
      textOf(ROOT).replace('"version":1', '"version":2'),
      textOf(ROOT).replace('root"', 'tree"'),
      textOf(ROOT).replace('"previous"', '"extra":1,"previous"'),
      textOf(ROOT).replace('2026-11-23T08', '2026-11-23 08'),
    ])
    .run(({ assert }, text) => {
      assert.isNull(rootOf(text))
    })

  test('every bit of the text, and nothing else, is what was signed', ({ assert }) => {
    const sealed = key.seal(textOf(ROOT))
    const shared = new RootKey(createPublicKey(key.publicPem))

    assert.equal(shared.id, key.id)
    assert.isTrue(shared.sealed(sealed))
    assert.isFalse(shared.sealed({ ...sealed, text: `${sealed.text} ` }))
    assert.isFalse(shared.sealed({ ...sealed, signature: '' }))
    assert.isFalse(new RootKey(generateKeyPairSync('ed25519').privateKey).sealed(sealed))
    assert.notEqual(digestOf(sealed), digestOf({ text: textOf({ ...ROOT, number: 8 }) }))
  })

  test('a key of another kind is refused', ({ assert }) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    assert.throws(() => new RootKey(privateKey), /no Ed25519 key/)
  })
})
