import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createPlainServer, type AddressInfo, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { test } from '@japa/runner'
import { jwtVerify } from 'jose'
import type {
  VendorAuth,
  VendorDownload,
  VendorRequest,
  VendorUnreachable,
} from '#core/plugins/vendor_http'
import { GuardedVendorHttp, type VendorDoor } from '#adapters/vendors/guarded_vendor_http'
import { VendorCredentials } from '#adapters/vendors/vendor_credentials'
import { PublicWeb } from '#app/outbound/public_web'
import { fakeVendorWeb } from '#app/outbound/vendor_web'

const SECRET = 'sk-very-secret-0123456789'
const SECRETS = { ACME_KEY: SECRET, ACME_SECRET: 'another-secret-9876543210' }
const HOSTS = { api: ['api.acme.example'], assets: ['*.cdn.example'] }
const BEARER: VendorAuth = { kind: 'bearer', secret: 'ACME_KEY' }

const door = (options: Partial<VendorDoor> & { auth?: VendorAuth } = {}): VendorDoor => ({
  vendor: 'Acme',
  hosts: HOSTS,
  credentials: new VendorCredentials(options.auth ?? BEARER, SECRETS),
  web: fakeVendorWeb(),
  ...options,
})

interface Heard {
  method?: string
  url?: string
  headers: IncomingMessage['headers']
  body: string
}

/** A fake of the vendor on this machine, and a client that is re-pointed to it. */
async function acme(answer: RequestListener, options: Parameters<typeof door>[0] = {}) {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method, url, headers } = request
    heard.push({ method, url, headers, body: Buffer.concat(chunks).toString('latin1') })
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const fake = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const http = new GuardedVendorHttp(door({ fake, ...options }))
  return {
    heard,
    fake,
    send: (asked: Partial<VendorRequest> = {}) =>
      http.send({ ...REQUEST, signal: new AbortController().signal, ...asked }),
    download: (asked: Partial<VendorDownload> = {}) =>
      http.download({ ...FILE, signal: new AbortController().signal, ...asked }),
    close: () => void server.close().closeAllConnections(),
  }
}

const REQUEST = {
  method: 'POST' as const,
  url: 'https://api.acme.example/v1/pictures?size=1',
  timeoutMs: 5_000,
}
const FILE = { url: 'https://eu.cdn.example/a.png', maxBytes: 1_000, timeoutMs: 5_000 }

/** What it throws; fails when it does not, and when it says a secret anywhere. */
async function faultOf(promise: Promise<unknown>): Promise<VendorUnreachable> {
  const error = await promise.then(
    () => null,
    (thrown) => thrown
  )
  if (!error) throw new Error('It did not throw.')
  const told = `${inspect(error, { depth: 10, showHidden: true })} ${error.stack}`
  for (const secret of Object.values(SECRETS)) {
    if (told.includes(secret)) throw new Error('The error says a secret.')
  }
  return error
}

test.group('Vendor HTTP | what is sent', () => {
  test('{0.kind} tells the vendor who we are')
    .with([
      [BEARER, { authorization: `Bearer ${SECRET}` }],
      [{ kind: 'header', name: 'X-Key', secret: 'ACME_KEY' }, { 'x-key': SECRET }],
      [
        { kind: 'key-prefix', prefix: 'Key', secret: 'ACME_KEY' },
        { authorization: `Key ${SECRET}` },
      ],
      [{ kind: 'none' }, {}],
    ] as [VendorAuth, Record<string, string>][])
    .run(async ({ assert, cleanup }, [auth, expected]) => {
      const vendor = await acme((_, response) => response.end('{}'), { auth })
      cleanup(vendor.close)

      // What a plugin says itself does not come before what the manifest says.
      await vendor.send({ headers: { 'Authorization': 'Bearer wrong', 'X-Version': '3' } })

      const [{ headers, url }] = vendor.heard
      assert.containSubset(headers, { 'x-version': '3', 'x-vendor-host': 'api.acme.example' })
      assert.containSubset(headers, expected)
      assert.equal(url, '/v1/pictures?size=1')
    })

  test('a token is signed for a vendor that wants one, and kept while it lasts', async ({
    assert,
    cleanup,
  }) => {
    let now = new Date()
    const auth: VendorAuth = {
      kind: 'jwt-hs256',
      accessKey: 'ACME_KEY',
      secretKey: 'ACME_SECRET',
    }
    const credentials = new VendorCredentials(auth, SECRETS, () => now)
    const vendor = await acme((_, response) => response.end('{}'), { credentials })
    cleanup(vendor.close)

    await vendor.send()
    await vendor.send()
    now = new Date(now.getTime() + 26 * 60_000)
    await vendor.send()

    const tokens = vendor.heard.map(({ headers }) => headers.authorization!.split(' ')[1])
    assert.equal(tokens[0], tokens[1])
    assert.notEqual(tokens[1], tokens[2])
    const key = new TextEncoder().encode(SECRETS.ACME_SECRET)
    const { payload } = await jwtVerify(tokens[2], key, { currentDate: now })
    assert.equal(payload.iss, SECRET)
    assert.equal(payload.exp! - payload.nbf!, 1_805)
  })

  test('JSON and forms arrive as they were given', async ({ assert, cleanup }) => {
    const vendor = await acme((_, response) =>
      response.writeHead(201, { 'X-Id': '7' }).end('{"a":1}')
    )
    cleanup(vendor.close)
    const picture = {
      bytes: Buffer.from([0, 255, 137, 80]),
      filename: 'a.png',
      contentType: 'image/png',
    }

    const answer = await vendor.send({ body: { json: { prompt: 'ü' } } })
    await vendor.send({
      body: {
        form: [
          ['image[]', picture],
          ['prompt', 'a lake'],
        ],
      },
    })

    assert.deepEqual([answer.status, answer.headers['x-id'], answer.json()], [201, '7', { a: 1 }])
    const [first, second] = vendor.heard
    assert.equal(first.headers['content-type'], 'application/json')
    assert.deepEqual(JSON.parse(Buffer.from(first.body, 'latin1').toString()), { prompt: 'ü' })
    assert.match(second.headers['content-type']!, /^multipart\/form-data; boundary=/)
    assert.equal(Number(second.headers['content-length']), second.body.length)
    assert.include(second.body, 'name="image[]"; filename="a.png"\r\nContent-Type: image/png')
    assert.include(second.body, Buffer.from(picture.bytes).toString('latin1'))
    assert.include(second.body, 'name="prompt"\r\n\r\na lake')
  })
})

test.group('Vendor HTTP | whom it asks', () => {
  test('{0} is not asked')
    .with([
      ['http://api.acme.example/'],
      ['https://api.acme.example.evil.example/'],
      ['https://evil.example/'],
      ['https://127.0.0.1/'],
      ['https://eu.cdn.example/'],
      ['https://user:pass@api.acme.example/'],
      ['https://api.acme.example:8443/'],
      ['no url'],
    ])
    .run(async ({ assert }, [url]) => {
      const web = new PublicWeb({
        ports: { 'https:': 443 },
        connectTimeoutMs: 100,
        resolve: () => Promise.reject(new Error('It was looked up.')),
      })
      const http = new GuardedVendorHttp(door({ web }))

      const fault = await faultOf(
        http.send({ ...REQUEST, url, signal: AbortSignal.timeout(1_000) })
      )

      assert.equal(fault.code, 'E_VENDOR_HOST_REFUSED')
    })

  test('a host of the vendor that leads to a private address is not connected to', async ({
    assert,
  }) => {
    const web = new PublicWeb({
      ports: { 'https:': 443 },
      connectTimeoutMs: 100,
      resolve: async () => [
        { address: '93.184.215.14', family: 4 },
        { address: '10.0.0.7', family: 4 },
      ],
    })

    const fault = await faultOf(
      new GuardedVendorHttp(door({ web })).send({
        ...REQUEST,
        signal: AbortSignal.timeout(1_000),
      })
    )

    assert.equal(fault.code, 'E_VENDOR_HOST_REFUSED')
    assert.notInclude(fault.message, '10.0.0.7')
  })

  test('the checked address is connected to by the name of the host, and a broken handshake sends nothing', async ({
    assert,
    cleanup,
  }) => {
    let hello = ''
    const server = createPlainServer((socket: Socket) => {
      socket.on('error', () => {})
      socket.once('data', (data) => {
        hello = data.toString('latin1')
        socket.destroy()
      })
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    cleanup(() => void server.close())
    const { port } = server.address() as AddressInfo
    const web = new PublicWeb({
      ports: { 'https:': port },
      connectTimeoutMs: 2_000,
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
      allow: () => true,
    })
    const url = `https://api.acme.example:${port}/v1`

    const fault = await faultOf(
      new GuardedVendorHttp(door({ web })).send({
        ...REQUEST,
        url,
        signal: AbortSignal.timeout(5_000),
      })
    )

    assert.include(hello, 'api.acme.example')
    assert.deepEqual([fault.code, fault.sent], ['E_VENDOR_UNREACHABLE', false])
  })
})

test.group('Vendor HTTP | what comes of it', () => {
  test('a status of 400 and above is an answer, without the secret that the vendor says back', async ({
    assert,
    cleanup,
  }) => {
    const vendor = await acme((_, response) =>
      response.writeHead(401).end(`{"error":"wrong key ${SECRET} ☹"}`)
    )
    cleanup(vendor.close)

    const answer = await vendor.send()

    assert.equal(answer.status, 401)
    assert.deepEqual(answer.json(), { error: 'wrong key *** ☹' })
  })

  test('a redirect is an answer and is not followed', async ({ assert, cleanup }) => {
    const vendor = await acme((_, response) => response.writeHead(302, { location: '/b' }).end())
    cleanup(vendor.close)

    const answer = await vendor.send()

    assert.deepEqual([answer.status, answer.headers.location, vendor.heard.length], [302, '/b', 1])
  })

  test('what is no JSON says so when it is read as such', async ({ assert, cleanup }) => {
    const vendor = await acme((_, response) => response.end('<html>'))
    cleanup(vendor.close)

    const answer = await vendor.send()

    assert.equal(answer.text(), '<html>')
    assert.throws(() => answer.json(), 'Acme answered with something that is no JSON.')
  })

  test('nobody listens: nothing was sent', async ({ assert }) => {
    const vendor = await acme(() => {})
    vendor.close()

    const fault = await faultOf(vendor.send())

    assert.deepEqual(
      [fault.code, fault.sent, fault.reason],
      ['E_VENDOR_UNREACHABLE', false, 'ECONNREFUSED']
    )
  })

  test('a connection that ends before the answer: it was sent, once', async ({
    assert,
    cleanup,
  }) => {
    const vendor = await acme((request) => request.socket.destroy())
    cleanup(vendor.close)

    const fault = await faultOf(vendor.send())

    assert.deepEqual([fault.code, fault.sent], ['E_VENDOR_UNREACHABLE', true])
    assert.lengthOf(vendor.heard, 1)
  })

  test('an answer that is cut off is none', async ({ assert, cleanup }) => {
    const vendor = await acme((request, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"a":')
      setTimeout(() => request.socket.destroy(), 20)
    })
    cleanup(vendor.close)

    const fault = await faultOf(vendor.send())

    assert.deepEqual([fault.code, fault.sent], ['E_VENDOR_UNREACHABLE', true])
  })

  test('silence is a time-out: {0}')
    .with([['before the answer'], ['within it']])
    .run(async ({ assert, cleanup }, [when]) => {
      const vendor = await acme((_, response) => {
        if (when === 'within it') response.write('{')
      })
      cleanup(vendor.close)

      const fault = await faultOf(vendor.send({ timeoutMs: 150 }))

      assert.deepEqual([fault.code, fault.sent], ['E_VENDOR_TIMEOUT', true])
    })

  test('who aborts hears the own reason', async ({ assert, cleanup }) => {
    const stop = new AbortController()
    const vendor = await acme(() => stop.abort('canceled'))
    cleanup(vendor.close)

    const thrown = await vendor.send({ signal: stop.signal }).catch((error) => error)

    assert.equal(thrown, 'canceled')
  })

  test('200 MB are cut at the limit: {0}')
    .with([['announced'], ['not announced']])
    .run(async ({ assert, cleanup }, [how]) => {
      const size = 200 * 1024 * 1024
      let written = 0
      const vendor = await acme((_, response) => {
        if (how === 'announced') response.writeHead(200, { 'content-length': String(size) })
        const piece = Buffer.alloc(64 * 1024)
        const pour = () => {
          while (written < size && !response.destroyed) {
            written += piece.length
            if (!response.write(piece)) return void response.once('drain', pour)
          }
          if (!response.destroyed) response.end()
        }
        pour()
      })
      cleanup(vendor.close)

      const fault = await faultOf(vendor.send({ maxBytes: 1024 * 1024 }))

      assert.equal(fault.code, 'E_VENDOR_ANSWER_TOO_LARGE')
      assert.isBelow(written, size / 4)
    })
})

test.group('Vendor HTTP | files', () => {
  test('are fetched from declared hosts, over redirects among them, without our key', async ({
    assert,
    cleanup,
  }) => {
    const vendor = await acme((request, response) => {
      if (request.url === '/a.png') {
        return response.writeHead(302, { location: 'https://us.cdn.example/b.png' }).end()
      }
      return response.writeHead(200, { 'content-type': 'image/png' }).end('picture')
    })
    cleanup(vendor.close)

    const file = await vendor.download()

    assert.equal(Buffer.from(file.bytes).toString(), 'picture')
    assert.equal(file.contentType, 'image/png')
    assert.deepEqual(
      vendor.heard.map(({ url, headers }) => [
        url,
        headers['x-vendor-host'],
        headers.authorization,
      ]),
      [
        ['/a.png', 'eu.cdn.example', undefined],
        ['/b.png', 'us.cdn.example', undefined],
      ]
    )
  })

  test('our key goes with them where they want it, and not to whom they redirect to', async ({
    assert,
    cleanup,
  }) => {
    const vendor = await acme((request, response) => {
      if (request.url === '/a') {
        return response.writeHead(307, { location: 'https://us.cdn.example/b' }).end()
      }
      return response.end('film')
    })
    cleanup(vendor.close)

    await vendor.download({ url: 'https://api.acme.example/a', authed: true })

    assert.deepEqual(
      vendor.heard.map(({ headers }) => headers.authorization),
      [`Bearer ${SECRET}`, undefined]
    )
  })

  test('a redirect to {0} is not followed')
    .with([
      ['http://169.254.169.254/latest/meta-data/'],
      ['https://evil.example/a.png'],
      ['https://cdn.example/a.png'],
      ['file:///etc/passwd'],
    ])
    .run(async ({ assert, cleanup }, [location]) => {
      const vendor = await acme((_, response) => response.writeHead(302, { location }).end())
      cleanup(vendor.close)

      const fault = await faultOf(vendor.download())

      assert.equal(fault.code, 'E_VENDOR_HOST_REFUSED')
      assert.lengthOf(vendor.heard, 1)
    })

  test('redirects without an end are given up', async ({ assert, cleanup }) => {
    const vendor = await acme((_, response) => response.writeHead(302, { location: '/a' }).end())
    cleanup(vendor.close)

    const fault = await faultOf(vendor.download())

    assert.equal(fault.code, 'E_VENDOR_DOWNLOAD_FAILED')
    assert.lengthOf(vendor.heard, 6)
  })

  test('one that is gone, too large or late says so', async ({ assert, cleanup }) => {
    const vendor = await acme((request, response) => {
      if (request.url === '/gone') return void response.writeHead(404).end()
      if (request.url === '/large') return void response.end(Buffer.alloc(1_001))
      return undefined
    })
    cleanup(vendor.close)
    const at = (path: string) => ({ url: `https://eu.cdn.example${path}` })

    const gone = await faultOf(vendor.download(at('/gone')))
    const large = await faultOf(vendor.download(at('/large')))
    const late = await faultOf(vendor.download({ ...at('/late'), timeoutMs: 150 }))

    assert.deepEqual(
      [gone.code, large.code, late.code],
      ['E_VENDOR_DOWNLOAD_FAILED', 'E_VENDOR_ANSWER_TOO_LARGE', 'E_VENDOR_TIMEOUT']
    )
  })
})
