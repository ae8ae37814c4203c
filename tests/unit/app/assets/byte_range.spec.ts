import { test } from '@japa/runner'
import { byteRange } from '#app/assets/byte_range'

test.group('Byte range', () => {
  test('{0} of 10 bytes')
    .with<[string | undefined, ReturnType<typeof byteRange>][]>([
      [undefined, 'whole'],
      ['bytes=0-0', { start: 0, end: 0 }],
      ['bytes=0-9', { start: 0, end: 9 }],
      ['bytes=3-', { start: 3, end: 9 }],
      ['bytes=3-99', { start: 3, end: 9 }],
      ['BYTES=3-4', { start: 3, end: 4 }],
      ['bytes=-3', { start: 7, end: 9 }],
      ['bytes=-99', { start: 0, end: 9 }],
      ['bytes=9-9', { start: 9, end: 9 }],
      ['bytes=10-', 'unsatisfiable'],
      ['bytes=10-20', 'unsatisfiable'],
      ['bytes=99999999999999999999-', 'unsatisfiable'],
      ['bytes=-0', 'unsatisfiable'],
      ['bytes=0-1,4-5', 'whole'],
      ['bytes=5-2', 'whole'],
      ['bytes=-', 'whole'],
      ['bytes=', 'whole'],
      ['bytes=a-b', 'whole'],
      ['bytes=-1-2', 'whole'],
      ['bytes=1.5-2', 'whole'],
      ['items=0-1', 'whole'],
      ['', 'whole'],
    ])
    .run(({ assert }, [header, expected]) => {
      assert.deepEqual(byteRange(header, 10), expected)
    })

  test('of an empty file there is no part', ({ assert }) => {
    assert.equal(byteRange('bytes=0-', 0), 'unsatisfiable')
    assert.equal(byteRange('bytes=-1', 0), 'unsatisfiable')
    assert.equal(byteRange(undefined, 0), 'whole')
  })
})
