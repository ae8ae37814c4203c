import { setTimeout as wait } from 'node:timers/promises'
import { test } from '@japa/runner'
import type { ApiClient } from '@japa/api-client'
import { newOrganisation } from '#tests/factories'
import { noLeftovers } from './leftovers.js'
import { bomb, html, picture, svg } from './samples.js'

const MEGABYTE = 1024 * 1024

function upload(client: ApiClient, keyText: string, bytes: Buffer, contentType = 'image/png') {
  return client
    .post('/v1/uploads')
    .bearerToken(keyText)
    .file('file', bytes, { filename: 'a.png', contentType })
}

function base() {
  return `http://${process.env.HOST}:${process.env.PORT}`
}

test.group('POST /v1/uploads with a file', (group) => {
  group.each.setup(noLeftovers)

  test('keeps it and answers with the asset', async ({ client, assert }) => {
    const { keyText } = await newOrganisation()
    const bytes = await picture('png', { width: 30, height: 20 })
    const response = await upload(client, keyText, bytes)

    response.assertStatus(201)
    const asset = response.body()
    assert.match(asset.id, /^ast_/)
    assert.containSubset(asset, {
      object: 'asset',
      content_type: 'image/png',
      bytes: bytes.length,
      width: 30,
      height: 20,
      duration_ms: null,
      source: 'upload',
    })
    assert.isAbove(Date.parse(asset.url_expires_at), Date.now() + 3_590_000)
    const { pathname, search } = new URL(asset.url)
    const file = await fetch(base() + pathname + search)
    assert.deepEqual(Buffer.from(await file.arrayBuffer()), bytes)
  })

  test('takes a file without a declared type', async ({ client }) => {
    const { keyText } = await newOrganisation()
    const response = await upload(
      client,
      keyText,
      await picture('webp'),
      'application/octet-stream'
    )
    response.assertStatus(201)
    response.assertBodyContains({ content_type: 'image/webp' })
  })

  test('refuses {0}')
    .with<[string, () => Buffer | Promise<Buffer>, string, Record<string, unknown>][]>([
      ['an empty file', () => Buffer.alloc(0), 'file_empty', {}],
      ['HTML that says it is a PNG', () => html, 'file_unknown_type', {}],
      ['SVG that says it is a PNG', () => svg, 'file_unknown_type', {}],
      [
        'a JPEG that says it is a PNG',
        () => picture('jpeg'),
        'file_type_mismatch',
        { declared: 'image/png', actual: 'image/jpeg' },
      ],
      [
        'half a PNG',
        () => picture('png', { width: 99, height: 99 }).then((bytes) => bytes.subarray(0, 5000)),
        'file_unreadable',
        {},
      ],
      [
        'a bomb',
        () => bomb(30_000, 30_000),
        'file_too_many_pixels',
        { pixels: 9e8, max_pixels: 1e8 },
      ],
    ])
    .run(async ({ client }, [, make, code, facts]) => {
      const { keyText } = await newOrganisation()
      const response = await upload(client, keyText, await make())

      response.assertStatus(422)
      response.assertBodyContains({
        error: { type: 'invalid_request_error', code, param: '/file', retryable: false, ...facts },
      })
    })

  test('refuses a truncated JPEG', async ({ client }) => {
    const { keyText } = await newOrganisation()
    const whole = await picture('jpeg', { width: 400, height: 400 })
    const response = await upload(
      client,
      keyText,
      whole.subarray(0, whole.length - 200),
      'image/jpeg'
    )

    response.assertStatus(422)
    response.assertBodyContains({ error: { code: 'file_unreadable' } })
  })

  test('refuses 26 MB, and says how much it takes', async ({ client }) => {
    const { keyText } = await newOrganisation()
    const response = await upload(client, keyText, Buffer.alloc(26 * MEGABYTE))

    response.assertStatus(413)
    response.assertBodyContains({ error: { code: 'file_too_large', max_bytes: 25 * MEGABYTE } })
    response.assertTextIncludes('25 MB')
  })

  test('refuses 26 MB of unknown length', async ({ assert }) => {
    const { keyText } = await newOrganisation()
    const response = await post(keyText, form('file', 26))

    assert.equal(response.status, 413)
    assert.containSubset(await response.json(), { error: { code: 'file_too_large' } })
  })

  test('refuses 26 MB in a field nobody asked for', async ({ assert }) => {
    const { keyText } = await newOrganisation()
    const response = await post(keyText, form('other', 26))

    assert.equal(response.status, 413)
  })

  test('cuts the line of a sender who does not stop', async ({ assert }) => {
    const { keyText } = await newOrganisation()
    let sent = 0
    const endless = form('file', 10_000, () => sent++)
    await post(keyText, endless).catch(() => {})
    await wait(200)

    assert.isBelow(sent, 80)
  })

  test('forgets what came when the sender goes away', async ({ assert }) => {
    const { keyText } = await newOrganisation()
    const leaving = new AbortController()
    const sending = post(
      keyText,
      form('file', 20, () => leaving.abort()),
      { signal: leaving.signal }
    )

    await assert.rejects(() => sending)
    await wait(100)
  })

  test('refuses a form without a file', async ({ client }) => {
    const { keyText } = await newOrganisation()
    const response = await client.post('/v1/uploads').bearerToken(keyText).field('file', 'text')

    response.assertStatus(422)
    response.assertBodyContains({ error: { code: 'missing_field', param: '/file' } })
  })

  test('refuses a body that is neither form nor JSON', async ({ assert }) => {
    const { keyText } = await newOrganisation()
    const response = await post(keyText, await picture('png'), { contentType: 'image/png' })

    assert.equal(response.status, 422)
    assert.containSubset(await response.json(), { error: { code: 'invalid_body' } })
  })

  test('refuses a form that breaks off in a part with {$self}, and lives')
    .with([
      'name="file"; filename="a.png"',
      'name="file"; filename=""',
      'name="other"; filename="a.png"',
      'filename="a.png"',
      'name="field"',
    ])
    .run(async ({ assert }, part) => {
      const { keyText } = await newOrganisation()
      const body = `--xyz\r\nContent-Disposition: form-data; ${part}\r\n\r\nhalf`
      const response = await post(keyText, body)

      assert.equal(response.status, 400)
      assert.containSubset(await response.json(), { error: { code: 'invalid_multipart_request' } })
    })

  test('needs a key that may generate', async ({ client }) => {
    const bytes = await picture('png')
    const { keyText } = await newOrganisation({ scopes: ['read'] })
    const forbidden = await upload(client, keyText, bytes)
    const unknown = await upload(client, 'dg_live_nothing', bytes)

    forbidden.assertStatus(403)
    unknown.assertStatus(401)
  })
})

/** A request as it is, which the test client would mend. */
function post(
  keyText: string,
  body: string | ReadableStream | Buffer,
  {
    contentType = 'multipart/form-data; boundary=xyz',
    signal,
  }: { contentType?: string; signal?: AbortSignal } = {}
) {
  return fetch(`${base()}/v1/uploads`, {
    method: 'POST',
    headers: { 'authorization': `Bearer ${keyText}`, 'content-type': contentType },
    body,
    signal,
    duplex: 'half',
  } as RequestInit)
}

/** A multipart body of so many megabytes whose length nobody knows. */
function form(field: string, megabytes: number, sent = () => {}): ReadableStream {
  let left = megabytes
  return new ReadableStream({
    start(controller) {
      controller.enqueue(
        Buffer.from(
          `--xyz\r\nContent-Disposition: form-data; name="${field}"; filename="a.png"\r\n\r\n`
        )
      )
    },
    pull(controller) {
      if (left-- === 0) {
        controller.enqueue(Buffer.from('\r\n--xyz--\r\n'))
        controller.close()
        return
      }
      sent()
      controller.enqueue(Buffer.alloc(MEGABYTE))
    },
  })
}
