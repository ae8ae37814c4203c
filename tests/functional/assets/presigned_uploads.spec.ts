import type { ApiClient } from '@japa/api-client'
import { test } from '@japa/runner'
import { slotUrl } from '#app/assets/upload_slot'
import { newId } from '#core/ids'
import { newOrganisation } from '#tests/factories'
import { noLeftovers } from './leftovers.js'
import { html, picture } from './samples.js'

function promise(client: ApiClient, keyText: string, body: object) {
  return client.post('/v1/uploads').bearerToken(keyText).json(body)
}

/** Sends bytes to a URL as it was given, but for the port, which a test server chooses late. */
function send(
  url: string,
  bytes: Uint8Array,
  headers: Record<string, string> = { 'content-type': 'image/png' }
) {
  const { pathname, search } = new URL(url)
  return fetch(`http://${process.env.HOST}:${process.env.PORT}${pathname}${search}`, {
    method: 'PUT',
    headers,
    body: bytes as Uint8Array<ArrayBuffer>,
  })
}

test.group('Presigned upload', (group) => {
  group.each.setup(noLeftovers)

  test('promises a place, takes the bytes there and answers with the asset', async ({
    client,
    assert,
  }) => {
    const { keyText } = await newOrganisation()
    const bytes = await picture('png')
    const promised = await promise(client, keyText, {
      content_type: 'image/png',
      bytes: bytes.length,
    })

    promised.assertStatus(201)
    const { id, upload } = promised.body()
    assert.match(id, /^ast_/)
    assert.containSubset(upload, { method: 'PUT', headers: { 'content-type': 'image/png' } })
    assert.closeTo(Date.parse(upload.expires_at), Date.now() + 15 * 60_000, 5_000)
    const before = await client.get(`/v1/assets/${id}`).bearerToken(keyText)
    before.assertStatus(404)

    const sent = await send(upload.url, bytes, upload.headers)

    assert.equal(sent.status, 200)
    assert.containSubset(await sent.json(), {
      id,
      object: 'asset',
      bytes: bytes.length,
      source: 'upload',
    })
    const after = await client.get(`/v1/assets/${id}`).bearerToken(keyText)
    after.assertStatus(200)
  })

  test('takes the same bytes again, and no others', async ({ client, assert }) => {
    const { keyText } = await newOrganisation()
    const [bytes, others] = await twoOfOneSize()
    const promised = await promise(client, keyText, {
      content_type: 'image/png',
      bytes: bytes.length,
    })
    const { url } = promised.body().upload

    const statuses: number[] = []
    for (const body of [bytes, bytes, others]) {
      const { status } = await send(url, body)
      statuses.push(status)
    }

    assert.deepEqual(statuses, [200, 200, 409])
  })

  test('of two senders at once one wins', async ({ client, assert }) => {
    const { keyText } = await newOrganisation()
    const contents = await twoOfOneSize()
    const promised = await promise(client, keyText, {
      content_type: 'image/png',
      bytes: contents[0].length,
    })
    const { url } = promised.body().upload

    const answers = await Promise.all(contents.map((bytes) => send(url, bytes)))

    assert.sameMembers(
      answers.map(({ status }) => status),
      [200, 409]
    )
  })

  test('refuses {0}')
    .with<[string, (bytes: Buffer) => Promise<Buffer> | Buffer, string][]>([
      ['fewer bytes than were promised', (bytes) => bytes.subarray(1), 'file_size_mismatch'],
      [
        'more bytes than were promised',
        (bytes) => Buffer.concat([bytes, bytes]),
        'file_size_mismatch',
      ],
      ['no bytes', () => Buffer.alloc(0), 'file_empty'],
      [
        'another type',
        async ({ length }) => pad(await picture('gif'), length),
        'file_type_mismatch',
      ],
      ['no picture', ({ length }) => pad(html, length), 'file_unknown_type'],
    ])
    .run(async ({ client, assert }, [, alter, code]) => {
      const { keyText } = await newOrganisation()
      const bytes = await picture('png', { width: 64, height: 64 })
      const promised = await promise(client, keyText, {
        content_type: 'image/png',
        bytes: bytes.length,
      })
      const { id, upload } = promised.body()

      const sent = await send(upload.url, await alter(bytes))

      assert.equal(sent.status, 422)
      assert.containSubset(await sent.json(), { error: { code } })
      const asset = await client.get(`/v1/assets/${id}`).bearerToken(keyText)
      asset.assertStatus(404)
    })

  test('refuses another declared type before reading', async ({ client, assert }) => {
    const { keyText } = await newOrganisation()
    const bytes = await picture('png')
    const promised = await promise(client, keyText, {
      content_type: 'image/png',
      bytes: bytes.length,
    })

    for (const type of [
      'image/jpeg',
      'application/json',
      'multipart/form-data; boundary=x',
      'text/plain',
    ]) {
      const sent = await send(promised.body().upload.url, Buffer.from('{}'), {
        'content-type': type,
      })
      assert.equal(sent.status, 422)
      assert.containSubset(await sent.json(), { error: { code: 'file_type_mismatch' } })
    }
  })

  test('refuses an altered URL: {0}')
    .with<[string, (url: URL) => void][]>([
      ['another asset', (url) => (url.pathname = `/v1/uploads/${newId('ast')}`)],
      ['another organisation', (url) => url.searchParams.set('org', 'org_other')],
      ['more bytes', (url) => url.searchParams.set('bytes', '99999')],
      ['another type', (url) => url.searchParams.set('type', 'image/webp')],
      ['more time', (url) => url.searchParams.set('expires', '9999999999')],
      ['no signature', (url) => url.searchParams.delete('signature')],
      ['nothing at all', (url) => (url.search = '')],
    ])
    .run(async ({ client, assert }, [, alter]) => {
      const { keyText } = await newOrganisation()
      const bytes = await picture('png')
      const promised = await promise(client, keyText, {
        content_type: 'image/png',
        bytes: bytes.length,
      })
      const url = new URL(promised.body().upload.url)
      alter(url)

      const sent = await send(url.href, bytes)

      assert.equal(sent.status, 403)
      assert.containSubset(await sent.json(), {
        error: { type: 'permission_error', code: 'url_forged' },
      })
    })

  test('refuses a URL that is too old', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const bytes = await picture('png')
    const slot = {
      assetId: newId('ast'),
      accountId: organisation.id,
      contentType: 'image/png',
      bytes: bytes.length,
      createdBy: 'key:test',
    }
    const { url } = slotUrl(slot, new Date(Date.now() - 16 * 60_000))

    const sent = await send(url, bytes)

    assert.equal(sent.status, 403)
    assert.containSubset(await sent.json(), { error: { code: 'url_expired' } })
  })

  test('promises nothing for {0}')
    .with<[string, object, number, string, string][]>([
      ['no type', { bytes: 5 }, 422, 'invalid_parameter', '/content_type'],
      ['no size', { content_type: 'image/png' }, 422, 'invalid_parameter', '/bytes'],
      [
        'a size in words',
        { content_type: 'image/png', bytes: '5' },
        422,
        'invalid_parameter',
        '/bytes',
      ],
      [
        'half a byte',
        { content_type: 'image/png', bytes: 0.5 },
        422,
        'invalid_parameter',
        '/bytes',
      ],
      ['no bytes', { content_type: 'image/png', bytes: 0 }, 422, 'invalid_parameter', '/bytes'],
      [
        'too many bytes',
        { content_type: 'image/png', bytes: 26e7 },
        413,
        'file_too_large',
        '/bytes',
      ],
      [
        'SVG',
        { content_type: 'image/svg+xml', bytes: 5 },
        422,
        'file_unsupported_type',
        '/content_type',
      ],
      [
        'an unknown field',
        { content_type: 'image/png', bytes: 5, name: 'a' },
        422,
        'unknown_field',
        '/name',
      ],
    ])
    .run(async ({ client }, [, body, status, code, param]) => {
      const { keyText } = await newOrganisation()
      const response = await promise(client, keyText, body)

      response.assertStatus(status)
      response.assertBodyContains({ error: { code, param } })
    })
})

/** Bytes behind its end do not make a picture another one. */
function pad(bytes: Buffer, length: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(Math.max(0, length - bytes.length))]).subarray(
    0,
    length
  )
}

async function twoOfOneSize(): Promise<[Buffer, Buffer]> {
  const [one, other] = [await picture('png'), await picture('png')]
  const length = Math.max(one.length, other.length)
  return [pad(one, length), pad(other, length)]
}
