import { test } from '@japa/runner'
import { isOpenTo, notOpen } from '#app/generations/test_mode'
import type { RegisteredModel } from '#core/plugins/registry'

const model = (name: string, audience: RegisteredModel['audience']) =>
  ({ name, audience }) as RegisteredModel
const real = model('acme/painter', 'live')
const pretender = model('toy/painter', 'test')
const sold = model('toy/painter', 'both')

test.group('Test mode', () => {
  test('test accounts may use what only pretends, in production as well, and nothing real', ({
    assert,
  }) => {
    assert.isTrue(isOpenTo('tst_a', pretender))
    assert.isTrue(isOpenTo('tst_a', sold))
    assert.isFalse(isOpenTo('tst_a', real))
  })

  test('live accounts may use what is real, and what pretends only where it is sold', ({
    assert,
  }) => {
    assert.isTrue(isOpenTo('org_a', real))
    assert.isTrue(isOpenTo('org_a', sold))
    assert.isFalse(isOpenTo('org_a', pretender))
  })

  test('whoever may not is told why, and what instead', ({ assert }) => {
    const all = [real, pretender]

    assert.deepEqual(notOpen('org_a', 'toy/painter', all), {
      code: 'model_only_in_test_mode',
      message:
        'toy/painter only pretends to work, so it is for test keys (dg_test_…). Use another model, or a test key.',
    })
    assert.deepEqual(notOpen('tst_a', 'acme/painter', all), {
      code: 'model_not_in_test_mode',
      message:
        'acme/painter is real, and test keys use models that only pretend. Use toy/painter, or a live key.',
    })
    assert.match(notOpen('tst_a', 'acme/painter', [real]).message, /None is on here/)
  })
})
