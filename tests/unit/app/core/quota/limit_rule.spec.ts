import { test } from '@japa/runner'
import { ruleProblem, type OwnRule } from '#core/quota/limit_rule'

const rule = (options: Partial<Record<keyof OwnRule, unknown>> = {}) =>
  ({
    scope: 'org',
    scopeId: '*',
    measure: 'requests',
    window: 'minute',
    limit: 60n,
    onExceed: 'refuse',
    ...options,
  }) as OwnRule

test.group('A limit rule', () => {
  test('makes sense: {measure} per {window}')
    .with([
      { measure: 'requests', window: 'minute' },
      { measure: 'credits', window: 'total' },
      { measure: 'concurrency', window: 'total' },
      { measure: 'images', window: 'month', limit: 0n },
      { measure: 'seconds', window: 'day', limit: 2n ** 63n - 1n },
      { measure: 'concurrency', window: 'total', onExceed: 'queue' },
      { measure: 'credits', window: 'total', onExceed: 'observe' },
    ])
    .run(({ assert }, options) => {
      assert.isNull(ruleProblem(rule(options)))
    })

  test('does not: {field}, {why}')
    .with([
      { field: 'scope', why: 'unknown', options: { scope: 'planet' } },
      { field: 'measure', why: 'unknown', options: { measure: 'smiles' } },
      { field: 'window', why: 'unknown', options: { window: 'week' } },
      { field: 'limit', why: 'negative', options: { limit: -1n } },
      { field: 'limit', why: 'beyond 64 bits', options: { limit: 2n ** 63n } },
      { field: 'scopeId', why: 'empty', options: { scopeId: ' ' } },
      { field: 'scope', why: 'nobody’s own', options: { scope: 'platform' } },
      { field: 'onExceed', why: 'unknown', options: { onExceed: 'shrug' } },
      {
        field: 'onExceed',
        why: 'nobody waits for ever',
        options: { onExceed: 'queue', window: 'total' },
      },
      {
        field: 'onExceed',
        why: 'nothing never has room',
        options: { onExceed: 'queue', limit: 0n },
      },
      { field: 'window', why: 'what runs now has none', options: { measure: 'concurrency' } },
    ])
    .run(({ assert }, { field, options }) => {
      const problem = ruleProblem(rule(options))

      assert.equal(problem?.field, field)
      assert.isAbove(problem!.message.length, 20)
    })
})
