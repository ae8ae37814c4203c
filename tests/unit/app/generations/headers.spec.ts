import { test } from '@japa/runner'
import { idempotencyKey, preferredWait } from '#app/generations/validators/headers'

test.group('Headers', () => {
  test('"Prefer: {header}" waits {seconds} s')
    .with([
      { header: undefined, seconds: 0 },
      { header: '', seconds: 0 },
      { header: 'wait=0', seconds: 0 },
      { header: 'wait=5', seconds: 5 },
      { header: 'Wait = 12', seconds: 12 },
      { header: 'respond-async, wait=7', seconds: 7 },
      { header: 'handling=lenient; wait=8', seconds: 8 },
      { header: 'wait=60', seconds: 60 },
      { header: 'wait=61', seconds: 60 },
      { header: 'wait=99999999999', seconds: 60 },
      { header: 'wait=-5', seconds: 0 },
      { header: 'wait=soon', seconds: 0 },
      { header: 'await=5', seconds: 0 },
    ])
    .run(({ assert }, { header, seconds }) => {
      assert.equal(preferredWait(header), seconds)
    })

  test('an idempotency key is taken as it is', ({ assert }) => {
    assert.isNull(idempotencyKey(undefined))
    assert.equal(idempotencyKey('a'), 'a')
    assert.equal(idempotencyKey('k'.repeat(255)), 'k'.repeat(255))
  })

  test('an idempotency key that is empty or too long is refused', ({ assert }) => {
    for (const header of ['', 'k'.repeat(256)]) {
      assert.throws(() => idempotencyKey(header), 'Idempotency-Key must have 1 to 255 characters.')
    }
  })
})
