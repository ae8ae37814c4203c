import { test } from '@japa/runner'
import { readEntriesRequest, readUsageRequest } from '#app/billing/validators/list_requests'
import type { ApiProblem } from '#app/exceptions/api_problem'

const NOW = new Date('2030-06-15T12:00:00Z')

function problemOf(read: () => unknown) {
  try {
    read()
  } catch (error) {
    return (error as ApiProblem).problem
  }
  throw new Error('The query was taken.')
}

test.group('The query of ledger entries', () => {
  test('a page has twenty, or as many as were asked for, below the cursor', ({ assert }) => {
    assert.deepEqual(readEntriesRequest({}), { limit: 20, before: undefined })
    assert.deepEqual(readEntriesRequest({ limit: '100', cursor: '41' }), {
      limit: 100,
      before: 41n,
    })
  })

  test('"{param}" of {value} is refused')
    .with([
      { param: 'limit', value: '0' },
      { param: 'limit', value: '101' },
      { param: 'limit', value: 'x' },
      { param: 'limit', value: '' },
      { param: 'cursor', value: '' },
      { param: 'cursor', value: '-1' },
      { param: 'cursor', value: '1e3' },
      { param: 'cursor', value: '9'.repeat(19) },
      { param: 'cursor', value: "1' or true --" },
    ])
    .run(({ assert }, { param, value }) => {
      const problem = problemOf(() => readEntriesRequest({ [param]: value }))

      assert.containSubset(problem, { status: 400, code: 'invalid_query', param })
    })
})

test.group('The query of usage', () => {
  test('without a word it is the last thirty days, by day', ({ assert }) => {
    assert.deepEqual(readUsageRequest({}, NOW), {
      from: new Date('2030-05-16T12:00:00Z'),
      to: NOW,
      groupBy: 'day',
    })
  })

  test('from and to are taken with their zone', ({ assert }) => {
    const { from, to } = readUsageRequest({ from: '2030-01-01', to: '2030-01-02T00:00:00+02:00' })

    assert.equal(from.toISOString(), '2030-01-01T00:00:00.000Z')
    assert.equal(to.toISOString(), '2030-01-01T22:00:00.000Z')
  })

  test('"{param}" is refused: {says}')
    .with([
      { param: 'from', query: { from: 'spring' }, says: /ISO 8601/ },
      { param: 'to', query: { to: '2030-13-01' }, says: /ISO 8601/ },
      { param: 'to', query: { to: '+275000-01-01T00:00:00Z' }, says: /ISO 8601/ },
      { param: 'from', query: { from: '2030-02-01', to: '2030-01-01' }, says: /before "to"/ },
      { param: 'from', query: { from: '2030-01-01', to: '2030-01-01' }, says: /before "to"/ },
      { param: 'from', query: { from: '2028-01-01', to: '2030-01-01' }, says: /at most 366 days/ },
      { param: 'group_by', query: { group_by: 'colour' }, says: /must be one of: day, provider/ },
    ])
    .run(({ assert }, { param, query, says }) => {
      const problem = problemOf(() => readUsageRequest(query, NOW))

      assert.containSubset(problem, { status: 400, code: 'invalid_query', param })
      assert.match(problem.message, says)
    })
})
