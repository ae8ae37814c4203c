import { test } from '@japa/runner'
import type { ApiProblem } from '#app/exceptions/api_problem'
import { readJson } from '#app/middleware/json_body'

/** What is said of a text, or nothing where it is read. */
function problemOf(text: string) {
  try {
    readJson(text)
    return null
  } catch (error) {
    return (error as ApiProblem).problem
  }
}

const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const listed = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

test.group('A body of JSON', () => {
  test('is an object or a list, and nothing is an empty object', ({ assert }) => {
    assert.deepEqual(readJson(' {"a": [1, null]}'), { a: [1, null] })
    assert.deepEqual(readJson('\n[{"a": "b"}]'), [{ a: 'b' }])
    assert.deepEqual(readJson(''), {})
  })

  test('{title} is malformed')
    .with([
      { title: 'a text', text: '"a"' },
      { title: 'a number', text: '5' },
      { title: 'nothing but spaces', text: '  ' },
      { title: 'what is cut off', text: '{"a": {' },
      { title: 'two of them', text: '{}{}' },
      { title: 'what goes on for ever', text: '['.repeat(200_000) },
    ])
    .run(({ assert }, { text }) => {
      assert.containSubset(problemOf(text), { status: 400, code: 'malformed_json' })
    })

  test('may be 32 levels deep and no deeper', ({ assert }) => {
    assert.isNull(problemOf(nested(32)))
    assert.isNull(problemOf(listed(32)))
    for (const text of [nested(33), listed(33), nested(20_000), listed(100_000)]) {
      const problem = problemOf(text)
      assert.containSubset(problem, { status: 422, code: 'invalid_parameter', param: '' })
      assert.include(problem!.message, '32 levels')
    }
  })

  test('has no hidden prototype, wherever and however it is written')
    .with([
      { text: '{"__proto__": {"n": 4}}', param: '/__proto__' },
      { text: '{"a": [{"b/c": {"__proto__": null}}]}', param: '/a/0/b~1c/__proto__' },
      { text: '{"\\u005f_proto__": 1}', param: '/__proto__' },
    ])
    .run(({ assert }, { text, param }) => {
      assert.containSubset(problemOf(text), { status: 422, code: 'unknown_field', param })
    })
})
