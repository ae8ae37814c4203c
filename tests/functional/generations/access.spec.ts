import type { ApiRequest } from '@japa/api-client'
import { test } from '@japa/runner'
import { createApiKey } from '#app/identity/actions/create_api_key'
import { revokeApiKey } from '#app/identity/actions/revoke_api_key'
import { mintKey } from '#app/identity/api_key'
import { drawing, newPicture, newStudio } from './studio.js'

const ROUTES = [
  { method: 'get', path: '/v1/generations/:id' },
  { method: 'get', path: '/v1/generations/:id/receipt' },
  { method: 'get', path: '/v1/generations/:id/events' },
  { method: 'post', path: '/v1/generations/:id/cancel' },
  { method: 'delete', path: '/v1/generations/:id' },
] as const

const PRIVATE = [
  ...ROUTES,
  { method: 'post', path: '/v1/generations' },
  { method: 'get', path: '/v1/generations' },
  { method: 'get', path: '/v1/models' },
  { method: 'get', path: '/v1/balance' },
  { method: 'get', path: '/v1/ledger/entries' },
  { method: 'get', path: '/v1/usage' },
  { method: 'get', path: '/v1/limits' },
] as const

test.group('Who is let in', () => {
  test('{method} {path} asks for a key')
    .with([...PRIVATE])
    .run(async ({ client, assert }, { method, path }) => {
      const { keyText } = await newStudio(client)
      const headers = [
        undefined,
        '',
        'Bearer',
        'Bearer ',
        `Bearer ${mintKey('live').text}`,
        `Bearer ${keyText}x`,
        `Basic ${keyText}`,
        keyText,
      ]

      for (const authorization of headers) {
        const request = client[method](path.replace(':id', 'gen_x'))
        const response = await (authorization === undefined
          ? request
          : request.header('authorization', authorization))
        response.assertStatus(401)
        response.assertBodyContains({
          error: { type: 'authentication_error', code: 'invalid_api_key', retryable: false },
        })
        assert.equal(response.header('request-id'), response.body().error.request_id)
      }
    })

  test('the word before the key may be written small', async ({ client }) => {
    const { keyText } = await newStudio(client)

    const response = await client.get('/v1/balance').header('authorization', `bearer ${keyText}`)

    response.assertStatus(200)
  })

  test('a revoked key is out everywhere at once, also where it was remembered', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { id } = await studio.generated()
    await studio.get('/v1/balance')
    await revokeApiKey(studio.key.id)
    const before = await studio.kept()

    for (const { method, path } of PRIVATE) {
      const request: ApiRequest = client[method](path.replace(':id', id))
      const response = await request.bearerToken(studio.keyText).json(drawing())
      response.assertStatus(401)
      response.assertBodyContains({ error: { code: 'invalid_api_key' } })
    }
    assert.deepEqual(await studio.kept(), before)
  })

  test('a key that was refused once is not even listened to', async ({ client }) => {
    const studio = await newStudio(client)
    await studio.generated()
    await revokeApiKey(studio.key.id)
    await studio.generate(drawing())

    const response = await studio.generate({ nonsense: true })

    response.assertStatus(401)
  })

  test('what a key may not do is refused by the name of the right, and changes nothing', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { id } = await studio.generated()
    const reader = await createApiKey({ orgId: studio.id, name: 'reader', scopes: ['read'] })
    const maker = await createApiKey({ orgId: studio.id, name: 'maker', scopes: ['generate'] })
    const before = await studio.kept()

    for (const { method, path } of PRIVATE) {
      const reads = method === 'get'
      const { text } = reads ? maker : reader
      const request: ApiRequest = client[method](path.replace(':id', id))
      const response = await request.bearerToken(text).json(drawing())
      response.assertStatus(403)
      response.assertBodyContains({ error: { type: 'permission_error', code: 'scope_missing' } })
      assert.include(response.body().error.message, reads ? '"read"' : '"generate"')
    }
    assert.deepEqual(await studio.kept(), before)
  })

  test('{method} {path} does not know the generation of another organisation')
    .with([...ROUTES])
    .run(async ({ client, assert }, { method, path }) => {
      const owner = await newStudio(client)
      const stranger = await newStudio(client)
      const { id } = await owner.generated()
      const before = await owner.kept()

      for (const unknown of [id, 'gen_nothing', '%27%20or%20true%20--']) {
        const response = await client[method](path.replace(':id', unknown)).bearerToken(
          stranger.keyText
        )
        response.assertStatus(404)
        response.assertBodyContains({ error: { code: 'generation_not_found' } })
      }
      assert.deepEqual(await owner.kept(), before)
      const mine = await owner.get(`/v1/generations/${id}`)
      assert.equal(mine.body().deleted_at, null)
    })

  test('an organisation cannot work on the file of another', async ({ client, assert }) => {
    const owner = await newStudio(client)
    const stranger = await newStudio(client)
    const image = await newPicture(owner.id)
    const before = await stranger.kept()

    const response = await stranger.generate({ model: 'local/resize', input: { image } })

    response.assertStatus(422)
    response.assertBodyContains({ error: { code: 'asset_not_found', param: '/input/image' } })
    assert.deepEqual(await stranger.kept(), before)
  })

  test('a page of another origin may call, and read what it needs', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const origin = 'https://shop.example'

    const preflight = await client
      .options('/v1/generations')
      .header('origin', origin)
      .header('access-control-request-method', 'POST')
      .header('access-control-request-headers', 'authorization,content-type,idempotency-key,prefer')
    const response = await studio.get('/v1/balance').header('origin', origin)

    preflight.assertStatus(204)
    assert.equal(preflight.header('access-control-allow-origin'), '*')
    assert.include(preflight.header('access-control-allow-methods'), 'POST')
    for (const header of ['authorization', 'content-type', 'idempotency-key', 'prefer']) {
      assert.include(preflight.header('access-control-allow-headers')!.toLowerCase(), header)
    }
    assert.equal(response.header('access-control-allow-origin'), '*')
    assert.notProperty(response.headers(), 'access-control-allow-credentials')
    assert.include(response.header('access-control-expose-headers')!.toLowerCase(), 'daygen-cost')
  })
})
