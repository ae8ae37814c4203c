import { test } from '@japa/runner'
import plans from '#config/plans'
import { Credits } from '#core/ledger/credits'
import { readPlans, type Plan } from '#core/plans/plan'

const plan = (options: Partial<Plan> = {}): Plan => ({
  id: 'studio',
  name: 'Studio',
  credits: Credits.parse('10'),
  period: 'month',
  rollover: 'none',
  free: false,
  kind: 'cycle',
  priority: 20,
  ...options,
})

test.group('Plans of the configuration', () => {
  test('those that come with it can be used', ({ assert }) => {
    assert.deepEqual([...readPlans(plans).keys()], ['free', 'studio', 'enterprise'])
  })

  test('{title} is a fault that names the plan')
    .with<{ title: string; given: Partial<Plan>[]; says: RegExp }[]>([
      { title: 'an id with a space', given: [{ id: 'a b' }], says: /"a b".*lower-case/ },
      { title: 'an id declared twice', given: [{}, {}], says: /"studio".*twice/ },
      { title: 'no credits', given: [{ credits: Credits.zero }], says: /above zero/ },
      { title: 'a limit of nothing', given: [{ rollover: Credits.zero }], says: /Write "none"/ },
      { title: 'a priority of 101', given: [{ priority: 101 }], says: /from 0 to 100/ },
      { title: 'half a priority', given: [{ priority: 0.5 }], says: /whole number/ },
    ])
    .run(({ assert }, { given, says }) => {
      assert.throws(() => readPlans(given.map(plan)), says)
    })
})
