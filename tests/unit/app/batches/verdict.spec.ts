import { test } from '@japa/runner'
import type { ExceededLimit } from '#core/quota/refusal'
import { verdictOf } from '#app/batches/verdict'

const NOW = new Date('2026-03-01T12:00:00Z')
const CLEARS = new Date('2026-03-01T12:00:20Z')

const limit = (fields: Partial<ExceededLimit>): ExceededLimit => ({
  rule: 'platform_provider_images_per_day',
  scope: 'platform',
  scopeId: 'provider:acme',
  measure: 'images',
  window: 'day',
  limit: 4711n,
  used: 4700n,
  held: 0n,
  needed: 20n,
  clearsAt: CLEARS,
  ...fields,
})

const verdict = (fields: Partial<ExceededLimit> = {}) =>
  verdictOf({ type: 'limit_exceeded', limit: limit(fields), retryAfterSeconds: 20 }, 'ref_x', NOW)

test.group('What a budget over all organisations means for a batch', () => {
  test('it goes on when the window ends, and is told no figure of the platform', ({ assert }) => {
    assert.deepEqual(verdict(), {
      is: 'paced',
      until: CLEARS,
      waiting: {
        code: 'rate_limited',
        message: "The platform's budget of images per day for provider acme has no room.",
        refusal: 'ref_x',
      },
    })
  })

  test('of credits it is money, and asked for again soon', ({ assert }) => {
    const { is, ...rest } = verdict({ measure: 'credits', scopeId: 'all', clearsAt: null })

    assert.equal(is, 'money')
    assert.containSubset(rest, {
      waiting: { message: "The platform's budget of credits per day has no room." },
    })
  })

  test('a limit of an organisation still tells its figure', ({ assert }) => {
    assert.containSubset(verdict({ scope: 'org', scopeId: 'org_x' }), {
      waiting: { message: 'The limit of 4711 images per day of this org is reached.' },
    })
  })
})
