import { test } from '@japa/runner'
import type { ApiProblem } from '#app/exceptions/api_problem'
import { readListRequest, sealCursor } from '#app/generations/validators/list_generations'

function problemOf(query: Record<string, unknown>) {
  try {
    readListRequest(query)
  } catch (error) {
    return (error as ApiProblem).problem
  }
  throw new Error('The query was taken.')
}

const POSITION = { createdAt: '2030-01-01T00:00:00.123456Z', id: 'gen_x' }

test.group('The query of a list of generations', () => {
  test('without a word it is the first twenty of all', ({ assert }) => {
    const { filters, limit, after } = readListRequest({})

    assert.equal(limit, 20)
    assert.isUndefined(after)
    assert.deepEqual(
      Object.values(filters).filter((value) => value !== undefined),
      []
    )
  })

  test('filters are one or many', ({ assert }) => {
    const { filters } = readListRequest({
      status: ['queued', 'failed'],
      model: 'sandbox/image',
      end_user: 'ann',
      metadata: { campaign: 'spring' },
      created_at: { gte: '2030-01-01', lt: '2030-02-01T12:00:00+02:00' },
    })

    assert.containSubset(filters, {
      status: ['queued', 'failed'],
      model: ['sandbox/image'],
      endUser: ['ann'],
      metadata: { campaign: 'spring' },
      createdFrom: new Date('2030-01-01T00:00:00Z'),
      createdBefore: new Date('2030-02-01T10:00:00Z'),
    })
  })

  test('"{param}" is refused by name')
    .with([
      { param: 'stauts', query: { stauts: 'queued' }, says: /"stauts" is not a filter\. Known: / },
      {
        param: 'status',
        query: { status: 'done' },
        says: /"done" is no status\. Use one of: queued/,
      },
      { param: 'status', query: { status: ['queued', 'x'] }, says: /"x" is no status/ },
      { param: 'limit', query: { limit: '0' }, says: /from 1 to 100/ },
      { param: 'limit', query: { limit: '101' }, says: /from 1 to 100/ },
      { param: 'limit', query: { limit: '1.5' }, says: /from 1 to 100/ },
      { param: 'limit', query: { limit: 'many' }, says: /from 1 to 100/ },
      { param: 'limit', query: { limit: '' }, says: /from 1 to 100/ },
      { param: 'metadata', query: { metadata: 'spring' }, says: /metadata\[name\]=value/ },
      {
        param: 'created_at[gte]',
        query: { created_at: { gte: 'yesterday' } },
        says: /must be an ISO 8601 instant/,
      },
      {
        param: 'created_at[lt]',
        query: { created_at: { lt: '-200000-01-01T00:00:00Z' } },
        says: /must be an ISO 8601 instant/,
      },
      {
        param: 'created_at',
        query: { created_at: '2030-01-01' },
        says: /created_at\[gte\]/,
      },
    ])
    .run(({ assert }, { param, query, says }) => {
      const problem = problemOf(query)

      assert.containSubset(problem, { status: 400, code: 'invalid_query', param })
      assert.match(problem.message, says)
    })

  test('a cursor goes on where it was sealed, with the same filters', ({ assert }) => {
    const first = readListRequest({ status: 'failed', limit: '5' })
    const cursor = sealCursor(POSITION, first.fingerprint)

    const next = readListRequest({ status: 'failed', limit: '50', cursor })

    assert.deepEqual(next.after, POSITION)
  })

  test('a cursor of other filters, of nobody, or altered is refused', ({ assert }) => {
    const cursor = sealCursor(POSITION, readListRequest({ status: 'failed' }).fingerprint)
    const altered = `${cursor.slice(0, 5)}${cursor[5] === 'A' ? 'B' : 'A'}${cursor.slice(6)}`

    assert.match(problemOf({ cursor }).message, /filters differ/)
    assert.match(problemOf({ cursor, status: 'queued' }).message, /filters differ/)
    for (const forged of ['', 'x', altered, ['a', 'b']]) {
      const problem = problemOf({ status: 'failed', cursor: forged })
      assert.containSubset(problem, { status: 400, code: 'invalid_query', param: 'cursor' })
      assert.match(problem.message, /no cursor of ours/)
    }
  })
})
