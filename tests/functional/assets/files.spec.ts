import { test } from '@japa/runner'
import { createAsset } from '#app/assets/actions/create_asset'
import { deleteFiles } from '#app/assets/actions/delete_files'
import { signedUrl } from '#app/assets/signed_url'
import { newOrganisation } from '#tests/factories'
import { picture } from './samples.js'

/** A file of an organisation, and its URL on the test server. */
async function publish(now = new Date()) {
  const { organisation, keyText } = await newOrganisation()
  const bytes = await picture('png', { width: 64, height: 64 })
  const created = await createAsset({
    accountId: organisation.id,
    content: { bytes },
    source: 'upload',
    createdBy: 'key:test',
  })
  if (!created.ok) throw new Error(created.refusal.message)
  return { asset: created.asset, bytes, keyText, url: here(signedUrl(created.asset, now).url) }
}

function here(url: string): URL {
  const { pathname, search } = new URL(url)
  return new URL(pathname + search, `http://${process.env.HOST}:${process.env.PORT}`)
}

test.group('GET /v1/assets/:id', () => {
  test('tells about an asset', async ({ client, assert }) => {
    const { asset, bytes, keyText } = await publish()
    const response = await client.get(`/v1/assets/${asset.id}`).bearerToken(keyText)

    response.assertStatus(200)
    const { url, url_expires_at: expiry, created_at: created, ...facts } = response.body()
    assert.deepEqual(facts, {
      id: asset.id,
      object: 'asset',
      content_type: 'image/png',
      bytes: bytes.length,
      width: 64,
      height: 64,
      duration_ms: null,
      source: 'upload',
    })
    assert.equal(new Date(created).toISOString(), created)
    const file = await fetch(here(url))
    assert.equal(file.status, 200)
    assert.isAbove(Date.parse(expiry), Date.now())
  })

  test('leads to its content', async ({ client, assert }) => {
    const { asset, keyText } = await publish()
    const response = await client
      .get(`/v1/assets/${asset.id}/content`)
      .bearerToken(keyText)
      .redirects(0)

    response.assertStatus(302)
    const file = await fetch(here(response.header('location')!))
    assert.equal(file.status, 200)
  })

  test("does not know another organisation's asset", async ({ client }) => {
    const { asset } = await publish()
    const { keyText } = await newOrganisation()
    for (const path of ['', '/content']) {
      const response = await client.get(`/v1/assets/${asset.id}${path}`).bearerToken(keyText)
      response.assertStatus(404)
      response.assertBodyContains({ error: { code: 'asset_not_found' } })
    }
  })

  test('does not know what never was', async ({ client }) => {
    const { keyText } = await newOrganisation()
    const response = await client.get('/v1/assets/ast_nothing').bearerToken(keyText)
    response.assertStatus(404)
  })

  test('needs a key', async ({ client }) => {
    const { asset } = await publish()
    for (const path of ['', '/content']) {
      const response = await client.get(`/v1/assets/${asset.id}${path}`)
      response.assertStatus(401)
    }
  })
})

test.group('GET /files/:org/:sha256', () => {
  test('gives the file, to be looked at and never run', async ({ assert }) => {
    const { asset, bytes, url } = await publish()
    const response = await fetch(url)

    assert.equal(response.status, 200)
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), bytes)
    const headers = Object.fromEntries(response.headers)
    assert.containSubset(headers, {
      'content-type': 'image/png',
      'content-length': String(bytes.length),
      'accept-ranges': 'bytes',
      'access-control-allow-origin': '*',
      'content-disposition': `inline; filename="${asset.sha256.slice(0, 16)}.png"`,
      'content-security-policy': "sandbox; default-src 'none'",
      'etag': `"${asset.sha256}"`,
      'x-content-type-options': 'nosniff',
    })
    const [, age] = /^private, max-age=(\d+), immutable$/.exec(headers['cache-control'])!
    assert.isAbove(Number(age), 3590)
    assert.isAtMost(Number(age), 4500)
    assert.notProperty(headers, 'set-cookie')
  })

  test('answers HEAD like GET, without the file', async ({ assert }) => {
    const { bytes, url } = await publish()
    const response = await fetch(url, { method: 'HEAD', headers: { range: 'bytes=0-3' } })

    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-length'), String(bytes.length))
    assert.equal(response.headers.get('content-type'), 'image/png')
    assert.equal(await response.text(), '')
  })

  test('answers Range: {0} with a part')
    .with<[string, (bytes: Buffer) => [number, number]][]>([
      ['bytes=0-0', () => [0, 1]],
      ['bytes=10-19', () => [10, 20]],
      ['bytes=100-', ({ length }) => [100, length]],
      ['bytes=-7', ({ length }) => [length - 7, length]],
      ['bytes=5-99999999', ({ length }) => [5, length]],
    ])
    .run(async ({ assert }, [range, part]) => {
      const { bytes, url } = await publish()
      const response = await fetch(url, { headers: { range } })
      const [start, end] = part(bytes)

      assert.equal(response.status, 206)
      assert.equal(
        response.headers.get('content-range'),
        `bytes ${start}-${end - 1}/${bytes.length}`
      )
      assert.equal(response.headers.get('content-length'), String(end - start))
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), bytes.subarray(start, end))
    })

  test('answers several ranges, and none, with the whole', async ({ assert }) => {
    const { bytes, url } = await publish()
    for (const range of ['bytes=0-1,5-6', 'pages=1-2', 'bytes=9-1']) {
      const response = await fetch(url, { headers: { range } })
      assert.equal(response.status, 200)
      assert.deepEqual(Buffer.from(await response.arrayBuffer()), bytes)
    }
  })

  test('refuses a range behind the end', async ({ assert }) => {
    const { bytes, url } = await publish()
    const response = await fetch(url, { headers: { range: 'bytes=99999999-' } })

    assert.equal(response.status, 416)
    assert.equal(response.headers.get('content-range'), `bytes */${bytes.length}`)
    assert.isNull(response.headers.get('etag'))
    assert.containSubset(await response.json(), { error: { code: 'range_not_satisfiable' } })
  })

  test('goes on with a range only if the file is the same', async ({ assert }) => {
    const { asset, url } = await publish()
    const ask = (condition: string) =>
      fetch(url, { headers: { 'range': 'bytes=0-3', 'if-range': condition } }).then(
        ({ status }) => status
      )

    assert.equal(await ask(`"${asset.sha256}"`), 206)
    assert.equal(await ask('"another"'), 200)
    assert.equal(await ask(`W/"${asset.sha256}"`), 200)
    assert.equal(await ask(new Date().toUTCString()), 200)
  })

  test('does not send what the reader has', async ({ assert }) => {
    const { asset, url } = await publish()
    const ask = (tag: string) => fetch(url, { headers: { 'if-none-match': tag } })

    for (const tag of [`"${asset.sha256}"`, `"x", W/"${asset.sha256}"`, '*']) {
      const response = await ask(tag)
      assert.equal(response.status, 304)
      assert.equal(response.headers.get('etag'), `"${asset.sha256}"`)
      assert.equal(await response.text(), '')
    }
    const response = await ask('"another"')
    assert.equal(response.status, 200)
  })

  test('refuses an altered URL: {0}')
    .with<[string, (url: URL) => void][]>([
      ['another type', (url) => url.searchParams.set('type', 'text/html')],
      ['more time', (url) => url.searchParams.set('expires', '9999999999')],
      [
        'another file',
        (url) => (url.pathname = url.pathname.replace(/.$/, (c) => (c === '0' ? '1' : '0'))),
      ],
      [
        'another organisation',
        (url) => (url.pathname = url.pathname.replace(/org_\w+/, 'org_other')),
      ],
      ['one fact more', (url) => url.searchParams.set('download', '1')],
      ['no signature', (url) => url.searchParams.delete('signature')],
    ])
    .run(async ({ assert }, [, alter]) => {
      const { url } = await publish()
      alter(url)
      const response = await fetch(url)

      assert.equal(response.status, 403)
      assert.equal(response.headers.get('access-control-allow-origin'), '*')
      assert.containSubset(await response.json(), {
        error: { type: 'permission_error', code: 'url_forged' },
      })
    })

  test('refuses a URL that is too old', async ({ assert }) => {
    const { url } = await publish(new Date(Date.now() - 76 * 60_000))
    const response = await fetch(url)

    assert.equal(response.status, 403)
    assert.containSubset(await response.json(), { error: { code: 'url_expired' } })
  })

  test('says that a deleted file is gone', async ({ assert }) => {
    const { asset, url } = await publish()
    await deleteFiles({ accountId: asset.accountId, assetIds: [asset.id] })
    const response = await fetch(url)

    assert.equal(response.status, 404)
    assert.containSubset(await response.json(), { error: { code: 'asset_not_found' } })
  })
})
