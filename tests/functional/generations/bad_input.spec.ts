import { test } from '@japa/runner'
import { appUrl } from '#config/app'
import { BAD_BODIES } from './bad_bodies.js'
import { drawing, newStudio, type Body } from './studio.js'

/** A body as it is, whatever it is. */
const posted = (keyText: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${appUrl}/v1/generations`, {
    method: 'POST',
    headers: {
      'authorization': `Bearer ${keyText}`,
      'content-type': 'application/json',
      ...headers,
    },
    body,
  })

test.group('A request that is wrong', () => {
  test('{title}: {code} at "{param}", and nothing was written')
    .with(BAD_BODIES)
    .run(async ({ client, assert }, { body, status = 422, code, param, says }) => {
      const studio = await newStudio(client)
      const before = await studio.kept()

      const response = await studio.generate(body, { 'idempotency-key': 'bad' })

      response.assertStatus(status)
      const { error } = response.body()
      assert.containSubset(error, { type: 'invalid_request_error', code, param, retryable: false })
      assert.isAbove(error.message.length, 10)
      assert.equal(error.request_id, response.header('request-id'))
      if (says) assert.match(error.message, says)
      assert.deepEqual(await studio.kept(), before)
      const good = await studio.generate(drawing(), { 'idempotency-key': 'bad' })
      good.assertStatus(202)
    })

  test('a body that is {title}: {status} {code}')
    .with([
      {
        title: 'cut off',
        text: '{"model": "sandbox/image", "input": {',
        status: 400,
        code: 'malformed_json',
      },
      { title: 'no JSON', text: 'model=sandbox/image', status: 400, code: 'malformed_json' },
      { title: 'a bare text', text: '"sandbox/image"', status: 400, code: 'malformed_json' },
      { title: 'empty', text: '', status: 422, code: 'missing_field' },
      {
        title: 'larger than allowed',
        text: JSON.stringify({ ...drawing(), metadata: { a: 'a'.repeat(300_000) } }),
        status: 413,
        code: 'body_too_large',
      },
    ])
    .run(async ({ client, assert }, { text, status, code }) => {
      const studio = await newStudio(client)
      const before = await studio.kept()

      const response = await posted(studio.keyText, text)

      assert.equal(response.status, status)
      assert.containSubset(await response.json(), {
        error: { type: 'invalid_request_error', code },
      })
      assert.deepEqual(await studio.kept(), before)
    })

  test('a body with {title} is refused as it is written, and nothing was written')
    .with([
      {
        title: 'a hidden prototype in it',
        text: '{"model":"sandbox/image","input":{"prompt":"a","__proto__":{"n":4}}}',
        code: 'unknown_field',
        param: '/input/__proto__',
      },
      {
        title: 'a hidden prototype for a name of metadata',
        text: '{"model":"sandbox/image","input":{"prompt":"a"},"metadata":{"__proto__":"b"}}',
        code: 'unknown_field',
        param: '/metadata/__proto__',
      },
      {
        title: 'a constructor',
        text: '{"model":"sandbox/image","input":{"prompt":"a"},"constructor":{"prototype":{}}}',
        code: 'unknown_field',
        param: '/constructor',
      },
      {
        title: 'a hundred thousand lists in each other',
        text: `{"model":"sandbox/image","input":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
        code: 'invalid_parameter',
        param: '',
      },
    ])
    .run(async ({ client, assert }, { text, code, param }) => {
      const studio = await newStudio(client)
      const before = await studio.kept()

      const response = await posted(studio.keyText, text)

      assert.equal(response.status, 422)
      const { error } = (await response.json()) as Body
      assert.containSubset(error, { type: 'invalid_request_error', code, param })
      assert.isUndefined(({} as Body).n)
      assert.deepEqual(await studio.kept(), before)
    })

  test('an Idempotency-Key that is {title} is refused by name, and nothing was written')
    .with([
      { title: 'too long', key: 'a'.repeat(256) },
      { title: 'empty', key: '' },
      { title: 'blank', key: '  ' },
    ])
    .run(async ({ client, assert }, { key }) => {
      const studio = await newStudio(client)
      const before = await studio.kept()

      const response = await posted(studio.keyText, JSON.stringify(drawing()), {
        'idempotency-key': key,
      })

      assert.equal(response.status, 422)
      const { error } = (await response.json()) as Body
      assert.equal(error.code, 'invalid_header')
      assert.include(error.message, 'Idempotency-Key')
      assert.deepEqual(await studio.kept(), before)
    })

  test('a preference that makes no sense is none', async ({ client }) => {
    const studio = await newStudio(client)

    const response = await studio.generate(drawing(), { prefer: 'wait=soon; now' })

    response.assertStatus(202)
  })

  test('GET {path}: 400 at "{param}"')
    .with([
      { path: 'generations?cursor=abc', param: 'cursor' },
      { path: 'generations?limit=0', param: 'limit' },
      { path: 'generations?limit=101', param: 'limit' },
      { path: 'generations?limit=ten', param: 'limit' },
      { path: 'generations?status=done', param: 'status' },
      { path: 'generations?created_at=2030-01-01', param: 'created_at' },
      { path: 'generations?created_at[gte]=monday', param: 'created_at[gte]' },
      { path: 'generations?order=asc', param: 'order' },
      { path: 'generations?key[a]=1', param: 'key' },
      { path: 'generations?status[a]=queued', param: 'status' },
      { path: 'generations?model[0][a]=1', param: 'model' },
      { path: 'generations?limit[a]=1', param: 'limit' },
      { path: 'generations?cursor[a]=1', param: 'cursor' },
      { path: 'generations?created_at[gte][a]=1', param: 'created_at[gte]' },
      { path: 'generations?metadata[a][b]=1', param: 'metadata' },
      { path: 'generations?metadata=1', param: 'metadata' },
      { path: 'ledger/entries?kind=hold', param: 'kind' },
      { path: 'ledger/entries?limit[a]=1', param: 'limit' },
      { path: 'ledger/entries?cursor[a]=1', param: 'cursor' },
      { path: 'usage?model=a', param: 'model' },
      { path: 'usage?group_by[a]=day', param: 'group_by' },
      { path: 'ledger/entries?cursor=abc', param: 'cursor' },
      { path: 'ledger/entries?limit=1000', param: 'limit' },
      { path: 'usage?from=monday', param: 'from' },
      { path: 'usage?group_by=colour', param: 'group_by' },
    ])
    .run(async ({ client }, { path, param }) => {
      const studio = await newStudio(client)

      const response = await studio.get(`/v1/${path}`)

      response.assertStatus(400)
      response.assertBodyContains({ error: { code: 'invalid_query', param } })
    })

  test('{path} is at no address, or no text: {status}, never an error of ours')
    .with([
      { path: '/v1/nothing', status: 404 },
      { path: '/v1/generations/x/y/z', status: 404 },
      { path: '/v1/generations/%00', status: 400 },
      { path: '/v1/generations/%C0%80', status: 400 },
      { path: '/v1/generations/%zz', status: 400 },
      { path: '/v1/generations/%2', status: 400 },
      { path: '/v1/generations?model=%00', status: 400 },
      { path: '/v1/generations?metadata[a]=%00', status: 400 },
      { path: '/v1/models/sandbox/imgae', status: 404 },
      { path: '/v1/models/sandbox/%00', status: 404 },
    ])
    .run(async ({ client, assert }, { path, status }) => {
      const { keyText } = await newStudio(client)

      const response = await fetch(`${appUrl}${path}`, {
        headers: { authorization: `Bearer ${keyText}` },
      })

      assert.equal(response.status, status)
      const { error } = (await response.json()) as Body
      assert.equal(error.type, 'invalid_request_error')
      assert.isAbove(error.message.length, 10)
      assert.equal(error.request_id, response.headers.get('request-id'))
    })
})
