import { test } from '@japa/runner'
import { budgetsProblem, type Budget } from '#core/quota/budgets'

const budget = (fields: Partial<Record<keyof Budget, unknown>> = {}) =>
  ({
    id: 'all',
    measure: 'credits',
    window: 'month',
    limit: 1n,
    onExceed: 'refuse',
    ...fields,
  }) as Budget

test.group('Budgets of a configuration', () => {
  test('make sense for everything, providers and models', ({ assert }) => {
    const budgets = [
      budget(),
      budget({ window: 'total' }),
      budget({ id: 'provider:acme', measure: 'requests' }),
      budget({ id: 'model:acme/painter', measure: 'tokens', onExceed: 'observe', limit: 0n }),
    ]
    assert.isNull(budgetsProblem(budgets, 'Europe/Berlin'))
  })

  test('make none where {why}')
    .with([
      { why: 'there are two of one', budgets: [budget(), budget({ limit: 2n })], says: 'twice' },
      { why: 'nobody is meant', budgets: [budget({ id: 'org:x' })], says: 'Use all' },
      { why: 'a name is empty', budgets: [budget({ id: 'provider: ' })], says: 'Use all' },
      {
        why: 'what runs at once is counted',
        budgets: [budget({ measure: 'concurrency' })],
        says: 'config/queue.ts',
      },
      { why: 'it is less than nothing', budgets: [budget({ limit: -1n })], says: 'Use 0 to' },
      { why: 'it is too large', budgets: [budget({ limit: 2n ** 63n })], says: 'Use 0 to' },
      {
        why: 'work would wait',
        budgets: [budget({ onExceed: 'queue' })],
        says: 'Nothing can wait',
      },
      { why: 'the window is none', budgets: [budget({ window: 'year' })], says: '"year"' },
    ])
    .run(({ assert }, { budgets, says }) => {
      assert.include(budgetsProblem(budgets, 'UTC'), says)
    })

  test('need a time zone', ({ assert }) => {
    for (const zone of ['+02:00', 'IST', 'CET']) {
      assert.include(budgetsProblem([], zone), 'no time zone')
    }
  })
})
