import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { access, readFile } from 'node:fs/promises'
import { test } from '@japa/runner'
import { RemoteFiles, type RemoteFilesOptions } from '#app/assets/remote_files'

const LOOPBACK = [{ address: '127.0.0.1', family: 4 }]

/** A server on this machine, and a fetcher that may reach it and nothing else. */
async function reachable(answer: RequestListener, options: Partial<RemoteFilesOptions> = {}) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const files = new RemoteFiles({
    ports: { 'http:': port },
    resolve: async () => LOOPBACK,
    allow: (address) => address === '127.0.0.1',
    ...options,
  })
  return {
    fetch: (path: string, maxBytes = 1000) =>
      files.fetch(`http://files.example:${port}${path}`, { maxBytes }),
    close: () => server.close().closeAllConnections(),
    port,
  }
}

/** A fetcher as it is in production, but for a resolver that says what it is told to. */
async function refusalOf(url: string, addresses: string[] = ['93.184.215.14']) {
  const asked: string[] = []
  const files = new RemoteFiles({
    resolve: async (hostname) => {
      asked.push(hostname)
      return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    },
  })
  const fetched = await files.fetch(url, { maxBytes: 1000 })
  return { asked, refusal: fetched.ok ? null : fetched.refusal.type }
}

test.group('Remote files | whom we connect to', () => {
  test('{0} is not fetched: {1}')
    .with([
      ['http://files.example/a.png', 'not encrypted', 'url_invalid'],
      ['ftp://files.example/a.png', 'another protocol', 'url_invalid'],
      ['file:///etc/passwd', 'a file of ours', 'url_invalid'],
      ['gopher://files.example/', 'another protocol', 'url_invalid'],
      ['data:image/png;base64,AAAA', 'no address at all', 'url_invalid'],
      ['https://', 'nothing', 'url_invalid'],
      ['//files.example/a.png', 'no protocol', 'url_invalid'],
      ['https://files.example:22/', 'another port', 'url_invalid'],
      ['https://files.example:8443/', 'another port', 'url_invalid'],
      ['https://files.example:80/', 'the port of another protocol', 'url_invalid'],
      ['https://user:pass@files.example/', 'credentials', 'url_invalid'],
      ['https://user@files.example/', 'credentials', 'url_invalid'],
      ['https://files.example@127.0.0.1/', 'credentials that look like a host', 'url_invalid'],
      ['https://127.0.0.1/', 'loopback', 'url_not_public'],
      ['https://127.1/', 'loopback, short', 'url_not_public'],
      ['https://2130706433/', 'loopback as one number', 'url_not_public'],
      ['https://0x7f000001/', 'loopback in hexadecimal', 'url_not_public'],
      ['https://0177.0.0.1/', 'loopback in octal', 'url_not_public'],
      ['https://127.0.0.1./', 'loopback with a dot', 'url_not_public'],
      ['https://%31%32%37.0.0.1/', 'loopback in percent signs', 'url_not_public'],
      ['https://①②⑦.⓪.⓪.①/', 'loopback in round digits', 'url_not_public'],
      ['https://0/', 'this host', 'url_not_public'],
      ['https://[::1]/', 'loopback', 'url_not_public'],
      ['https://[::ffff:127.0.0.1]/', 'loopback, mapped', 'url_not_public'],
      ['https://[::127.0.0.1]/', 'loopback, compatible', 'url_not_public'],
      ['https://[64:ff9b::7f00:1]/', 'loopback behind NAT64', 'url_not_public'],
      ['https://[2002:7f00:1::]/', 'loopback in 6to4', 'url_not_public'],
      ['https://[fd00:ec2::254]/', 'metadata', 'url_not_public'],
      ['https://169.254.169.254/latest/meta-data/', 'metadata', 'url_not_public'],
      ['https://10.0.0.1/', 'private', 'url_not_public'],
    ])
    .run(async ({ assert }, [url, , type]) => {
      const { refusal, asked } = await refusalOf(url)
      assert.equal(refusal, type)
      assert.deepEqual(asked, [])
    })

  test('a URL of more than 2048 characters is not fetched', async ({ assert }) => {
    const { refusal } = await refusalOf(`https://files.example/${'a'.repeat(2048)}`)
    assert.equal(refusal, 'url_invalid')
  })

  test('a name is not fetched when any of its addresses is not public: {$self}')
    .with([
      [['127.0.0.1']],
      [['8.8.8.8', '10.0.0.1']],
      [['2606:4700::1111', '::1']],
      [['::ffff:169.254.169.254']],
      [[]],
    ] as string[][][])
    .run(async ({ assert }, [addresses]) => {
      const { refusal, asked } = await refusalOf('https://files.example/a.png', addresses)
      assert.equal(refusal, 'url_not_public')
      assert.deepEqual(asked, ['files.example'])
    })

  test('the connection goes to the address that was checked, whatever the name answers later', async ({
    assert,
    cleanup,
  }) => {
    let asked = 0
    const server = await reachable((_, response) => response.end('checked'), {
      resolve: async () => (asked++ === 0 ? LOOPBACK : [{ address: '127.0.0.2', family: 4 }]),
    })
    cleanup(server.close)

    const fetched = await server.fetch('/a.png')

    assert.isTrue(fetched.ok)
    assert.equal(asked, 1)
    if (fetched.ok) await fetched.file.remove()
  })
})

test.group('Remote files | what comes back', () => {
  test('a file comes back as it is, without credentials of ours', async ({ assert, cleanup }) => {
    const seen: Record<string, unknown>[] = []
    const server = await reachable((request, response) => {
      seen.push(request.headers)
      response.end('hello')
    })
    cleanup(server.close)

    const fetched = await server.fetch('/a.png')

    if (!fetched.ok) return assert.fail(fetched.refusal.message)
    assert.equal(await readFile(fetched.file.path, 'utf8'), 'hello')
    assert.equal(seen[0].host, `files.example:${server.port}`)
    assert.notProperty(seen[0], 'cookie')
    assert.notProperty(seen[0], 'authorization')

    await fetched.file.remove()
    await assert.rejects(() => access(fetched.file.path))
  })

  test('a redirect is followed', async ({ assert, cleanup }) => {
    const server = await reachable((request, response) => {
      if (request.url === '/b.png') return response.end('there')
      response.writeHead(302, { location: '/b.png' }).end()
    })
    cleanup(server.close)

    const fetched = await server.fetch('/a.png')

    assert.isTrue(fetched.ok)
    if (fetched.ok) await fetched.file.remove()
  })

  test('a redirect to {0} is not followed')
    .with([
      ['https://files.example/', 'url_invalid'],
      ['http://169.254.169.254:PORT/', 'url_not_public'],
      ['http://[::1]:PORT/', 'url_not_public'],
      ['http://user@files.example:PORT/', 'url_invalid'],
      ['file:///etc/passwd', 'url_invalid'],
    ])
    .run(async ({ assert, cleanup }, [target, type]) => {
      let asked = 0
      const server = await reachable((_, response) => {
        asked++
        response.writeHead(302, { location: target.replace('PORT', String(server.port)) }).end()
      })
      cleanup(server.close)

      const fetched = await server.fetch('/a.png')

      assert.equal(fetched.ok ? null : fetched.refusal.type, type)
      assert.equal(asked, 1)
    })

  test('a name that turns private between two redirects is refused', async ({
    assert,
    cleanup,
  }) => {
    let asked = 0
    const server = await reachable(
      (_, response) => response.writeHead(302, { location: '/again' }).end(),
      {
        resolve: async () => (asked++ === 0 ? LOOPBACK : [{ address: '10.0.0.1', family: 4 }]),
      }
    )
    cleanup(server.close)

    const fetched = await server.fetch('/a.png')

    assert.equal(fetched.ok ? null : fetched.refusal.type, 'url_not_public')
  })

  test('more than three redirects are too many', async ({ assert, cleanup }) => {
    let asked = 0
    const server = await reachable((_, response) => {
      asked++
      response.writeHead(302, { location: `/${asked}` }).end()
    })
    cleanup(server.close)

    const fetched = await server.fetch('/a.png')

    assert.equal(fetched.ok ? null : fetched.refusal.type, 'fetch_failed')
    assert.equal(asked, 4)
  })

  test('{0} is refused')
    .with<[string, RequestListener, string][]>([
      [
        'a file that says it is too large',
        (_, r) => r.writeHead(200, { 'content-length': 1001 }).write('a'),
        'file_too_large',
      ],
      ['a file that is too large without saying so', (_, r) => endless(r), 'file_too_large'],
      ['a missing file', (_, r) => r.writeHead(404).end('gone'), 'fetch_failed'],
      ['half a file', (_, r) => r.writeHead(206).end('half'), 'fetch_failed'],
      ['a broken server', (_, r) => r.destroy(), 'fetch_failed'],
      ['a file that breaks off', (_, r) => breakOff(r), 'fetch_failed'],
      ['a redirect to nowhere', (_, r) => r.writeHead(302).end(), 'fetch_failed'],
      ['a server that says nothing', () => {}, 'fetch_timed_out'],
      ['a server that trickles', (_, r) => trickle(r), 'fetch_timed_out'],
    ])
    .run(async ({ assert, cleanup }, [, answer, type]) => {
      const server = await reachable(answer, { totalTimeoutMs: 400 })
      cleanup(server.close)

      const fetched = await server.fetch('/a.png')

      assert.equal(fetched.ok ? null : fetched.refusal.type, type)
    })

  test('a name that never resolves is given up', async ({ assert }) => {
    const files = new RemoteFiles({ resolve: () => new Promise(() => {}), totalTimeoutMs: 100 })
    const fetched = await files.fetch('https://files.example/', { maxBytes: 1 })
    assert.equal(fetched.ok ? null : fetched.refusal.type, 'fetch_timed_out')
  })
})

type Response = Parameters<RequestListener>[1]

function endless(response: Response) {
  const timer = setInterval(() => response.write('a'.repeat(500)), 5)
  response.on('close', () => clearInterval(timer))
}

function trickle(response: Response) {
  const timer = setInterval(() => response.write('a'), 50)
  response.on('close', () => clearInterval(timer))
}

function breakOff(response: Response) {
  response.writeHead(200, { 'content-length': 100 }).write('a')
  setTimeout(() => response.destroy(), 20)
}
