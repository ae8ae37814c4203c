import { test } from '@japa/runner'
import { SignedQuery } from '#app/assets/signed_query'

const NOW = new Date('2030-01-01T12:00:00Z')
const LATER = new Date('2030-01-01T13:00:00Z')
const signer = new SignedQuery('a secret', 'test')
const signed = () =>
  new URLSearchParams(signer.sign('thing', { type: 'image/png', size: 5 }, LATER))

test.group('Signed query', () => {
  test('is valid until its moment, and expired from it on', ({ assert }) => {
    assert.equal(signer.verdict('thing', signed(), NOW), 'valid')
    assert.equal(signer.verdict('thing', signed(), new Date(LATER.getTime() - 1)), 'valid')
    assert.equal(signer.verdict('thing', signed(), LATER), 'expired')
  })

  test('does not care for the order of its facts', ({ assert }) => {
    const turned = new URLSearchParams([...signed()].reverse())
    assert.equal(signer.verdict('thing', turned, NOW), 'valid')
  })

  test('is forged when {0}')
    .with<[string, (query: URLSearchParams) => void][]>([
      ['a fact was altered', (query) => query.set('type', 'text/html')],
      ['its expiry was put off', (query) => query.set('expires', '9999999999')],
      ['a fact was taken away', (query) => query.delete('size')],
      ['a fact was added', (query) => query.append('role', 'admin')],
      ['a fact was given twice', (query) => query.append('type', 'text/html')],
      ['two facts were joined into one', (query) => joinFacts(query)],
      [
        'its signature was altered',
        (query) => query.set('signature', flip(query.get('signature')!)),
      ],
      [
        'its signature was cut',
        (query) => query.set('signature', query.get('signature')!.slice(0, 20)),
      ],
      ['its signature is missing', (query) => query.delete('signature')],
      ['its signature is empty', (query) => query.set('signature', '')],
    ])
    .run(({ assert }, [, alter]) => {
      const query = signed()
      alter(query)
      assert.equal(signer.verdict('thing', query, NOW), 'forged')
    })

  test('is forged for another subject, purpose or secret', ({ assert }) => {
    assert.equal(signer.verdict('other', signed(), NOW), 'forged')
    assert.equal(new SignedQuery('a secret', 'else').verdict('thing', signed(), NOW), 'forged')
    assert.equal(new SignedQuery('another', 'test').verdict('thing', signed(), NOW), 'forged')
  })
})

function flip(signature: string) {
  return (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1)
}

function joinFacts(query: URLSearchParams) {
  query.set('size', `5&type=${query.get('type')}`)
  query.delete('type')
}
