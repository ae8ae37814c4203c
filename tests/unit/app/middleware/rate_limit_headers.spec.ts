import { test } from '@japa/runner'
import type { RateRoom } from '#core/quota/rate_room'
import { rateLimitHeaders } from '#app/middleware/rate_limit_headers'

const room = (options: Partial<RateRoom>): RateRoom => ({
  rule: 'org_requests_per_minute',
  limit: 60n,
  left: 10n,
  windowSeconds: 60,
  clearsInSeconds: 30,
  ...options,
})

test.group('Headers of rate limits', () => {
  test('begin with what has least left, and of equals with what clears last', ({ assert }) => {
    const headers = rateLimitHeaders([
      room({ rule: 'a' }),
      room({ rule: 'b', left: 3n }),
      room({ rule: 'c', left: 3n, clearsInSeconds: 900, limit: 5n, windowSeconds: 3600 }),
    ])

    assert.deepEqual(headers, {
      'RateLimit-Policy': '"c";q=5;w=3600, "b";q=60;w=60, "a";q=60;w=60',
      'RateLimit': '"c";r=3;t=900, "b";r=3;t=30, "a";r=10;t=30',
    })
  })

  test('stay within the integers of structured fields', ({ assert }) => {
    const { RateLimit } = rateLimitHeaders([room({ left: 2n ** 62n })])

    assert.equal(RateLimit, '"org_requests_per_minute";r=999999999999999;t=30')
  })

  test('are none where no rule counted', ({ assert }) => {
    assert.deepEqual(rateLimitHeaders([]), {})
  })
})
