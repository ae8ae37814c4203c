import { test } from '@japa/runner'
import { readDirectives } from '../directives.js'

test.group('Directives', () => {
  test('a plain prompt asks for nothing', ({ assert }) => {
    assert.deepEqual(readDirectives('a failing slow train at any cost'), {
      failure: null,
      failingAttempts: 1,
      slowMs: 0,
      deliver: Infinity,
      measured: 1,
    })
  })

  test('{prompt} is read')
    .with([
      { prompt: 'a cat fail:transient', expected: { failure: 'transient', failingAttempts: 1 } },
      { prompt: 'fail:transient:3 a cat', expected: { failure: 'transient', failingAttempts: 3 } },
      { prompt: '(fail:rate)', expected: { failure: 'rate' } },
      { prompt: 'fail:moderation', expected: { failure: 'moderation' } },
      { prompt: 'fail:output', expected: { failure: 'output' } },
      { prompt: 'fail:provider', expected: { failure: 'provider' } },
      { prompt: 'slow:5s', expected: { slowMs: 5000 } },
      { prompt: 'slow:300ms', expected: { slowMs: 300 } },
      { prompt: 'partial:2/4', expected: { deliver: 2 } },
      { prompt: 'cost:+50%', expected: { measured: 1.5 } },
      { prompt: 'cost:-25%', expected: { measured: 0.75 } },
      { prompt: 'cost:-400%', expected: { measured: 0 } },
      {
        prompt: 'slow:1s cost:+10% partial:1/2',
        expected: { slowMs: 1000, deliver: 1, measured: 1.1 },
      },
    ])
    .run(({ assert }, { prompt, expected }) => {
      assert.containSubset(readDirectives(prompt), expected)
    })

  test('{$self} is no directive')
    .with(['fail:often', 'failfail:rate2x', 'slow:5', 'slow:s', 'partial:2', 'cost:50%'])
    .run(({ assert }, prompt) => {
      assert.deepEqual(readDirectives(prompt), readDirectives(''))
    })
})
