import { test } from '@japa/runner'
import { newId } from '#core/ids'

test.group('Ids', () => {
  test('a hundred thousand are all different and sort in the order they were made', ({
    assert,
  }) => {
    const ids = Array.from({ length: 100_000 }, () => newId('gen'))

    assert.equal(new Set(ids).size, ids.length)
    assert.isTrue(ids.every((id, index) => index === 0 || ids[index - 1] < id))
  })

  test('they stay in order within a millisecond that makes more than there are numbers, and when the clock goes back', ({
    assert,
    cleanup,
  }) => {
    const now = Date.now
    cleanup(() => {
      Date.now = now
    })
    let time = now() + 1000
    Date.now = () => time
    const ids = Array.from({ length: 70_000 }, () => newId('job'))
    time -= 60_000
    ids.push(newId('job'), newId('job'))

    assert.equal(new Set(ids).size, ids.length)
    assert.isTrue(ids.every((id, index) => index === 0 || ids[index - 1] < id))
  })

  test('they begin with what they name and have letters that cannot be confused', ({ assert }) => {
    for (const prefix of ['gen', 'org', 'key'] as const) {
      assert.match(newId(prefix), new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`))
    }
  })
})
