import { test } from '@japa/runner'
import { appUrl } from '#config/app'

const preflight = (path: string) =>
  fetch(`${appUrl}${path}`, {
    method: 'OPTIONS',
    headers: {
      'origin': 'https://studio.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,idempotency-key',
    },
  })

test.group('The entrance', () => {
  test('lets pages of other origins call the API', async ({ assert }) => {
    const asked = await preflight('/v1/generations')

    assert.equal(asked.status, 204)
    assert.equal(asked.headers.get('access-control-allow-origin'), '*')
    assert.include(asked.headers.get('access-control-allow-headers'), 'idempotency-key')

    const refused = await fetch(`${appUrl}/v1/balance`, {
      headers: { origin: 'https://studio.example' },
    })
    assert.equal(refused.status, 401)
    assert.equal(refused.headers.get('access-control-allow-origin'), '*')
    assert.include(refused.headers.get('access-control-expose-headers'), 'request-id')
  })

  test('keeps them out of everything else', async ({ assert }) => {
    for (const path of ['/admin', '/login', '/v1', '/css/base.css']) {
      const answer = await preflight(path)
      assert.isNull(answer.headers.get('access-control-allow-origin'), path)
    }
  })

  test('hands out the files of the console', async ({ assert }) => {
    const answer = await fetch(`${appUrl}/css/base.css`)

    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type')!, /^text\/css/)
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=3600')
  })
})
