import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { test } from '@japa/runner'
import { newOrganisation } from '#tests/factories'

/** A call as a stranger's program makes it, byte by byte. */
async function post(keyText: string, body: BodyInit, headers: Record<string, string>) {
  const address = `http://${process.env.HOST}:${process.env.PORT}/v1/generations`
  const answer = await fetch(address, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${keyText}`, ...headers },
    duplex: 'half',
  } as RequestInit)
  return { status: answer.status, error: ((await answer.json()) as any).error }
}

test.group('The body of a generation', () => {
  for (const encoding of ['gzip', 'deflate', 'br']) {
    test(`that is not ${encoding} although it says so is the caller's mistake`, async ({
      assert,
    }) => {
      const { keyText } = await newOrganisation()
      const { status, error } = await post(keyText, 'abc', {
        'content-type': 'application/json',
        'content-encoding': encoding,
      })
      assert.equal(status, 400)
      assert.equal(error.code, 'malformed_body')
      assert.isFalse(error.retryable)
    })
  }

  for (const { encoding, pack } of [
    { encoding: 'gzip', pack: gzipSync },
    { encoding: 'deflate', pack: deflateSync },
    { encoding: 'br', pack: brotliCompressSync },
  ]) {
    const packed = (text: string) => ({
      body: new Uint8Array(pack(text)),
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
    })

    test(`may be packed with ${encoding}`, async ({ assert }) => {
      const { keyText } = await newOrganisation()
      const { body, headers } = packed('{"model":"sandbox/image","input":{"prompt":"x"}}')
      const { status } = await post(keyText, body, headers)
      assert.equal(status, 202)
    })

    test(`is as large as it is unpacked from ${encoding}`, async ({ assert }) => {
      const { keyText } = await newOrganisation()
      const { body, headers } = packed(`{"model":"${'a'.repeat(20_000_000)}"}`)
      const { status, error } = await post(keyText, body, headers)
      assert.equal(status, 413)
      assert.equal(error.code, 'body_too_large')
    })

    test(`hides no prototype in ${encoding}`, async ({ assert }) => {
      const { keyText } = await newOrganisation()
      const { body, headers } = packed('{"model":"sandbox/image","input":{"__proto__":{}}}')
      const { status, error } = await post(keyText, body, headers)
      assert.equal(status, 422)
      assert.equal(error.param, '/input/__proto__')
    })
  }

  for (const encoding of ['zip', 'gzip, br', 'constructor']) {
    test(`packed as "${encoding}", which nobody knows, is refused`, async ({ assert }) => {
      const { keyText } = await newOrganisation()
      const { status } = await post(keyText, '{}', {
        'content-type': 'application/json',
        'content-encoding': encoding,
      })
      assert.equal(status, 415)
    })
  }

  test('may come in pieces, begin with a byte order mark and name its charset', async ({
    assert,
  }) => {
    const { keyText } = await newOrganisation()
    const bytes = new TextEncoder().encode('\uFEFF{"model":"sandbox/image","input":{"prompt":"ü"}}')
    // In the middle of a letter.
    const cut = bytes.indexOf(0xbc)
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(bytes.slice(0, cut))
        await new Promise((resolve) => setTimeout(resolve, 20))
        controller.enqueue(bytes.slice(cut))
        controller.close()
      },
    })
    const headers = { 'content-type': 'Application/JSON ; charset=utf-8' }
    const { status } = await post(keyText, body, headers)
    assert.equal(status, 202)
  })

  test('that is too large leaves its connection usable, whether it says its size or not', async ({
    assert,
  }) => {
    const { keyText } = await newOrganisation()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const send = (length: number, chunked: boolean) =>
      new Promise<number>((resolve, reject) => {
        const call = request(`http://${process.env.HOST}:${process.env.PORT}/v1/generations`, {
          agent,
          method: 'POST',
          headers: {
            'authorization': `Bearer ${keyText}`,
            'content-type': 'application/json',
            ...(chunked ? {} : { 'content-length': length }),
          },
        })
        call.on('error', reject)
        call.on('response', (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode!))
        })
        call.end(' '.repeat(length))
      })
    assert.equal(await send(900_000, false), 413)
    assert.equal(await send(900_000, true), 413)
    assert.equal(await send(10, false), 400)
    agent.destroy()
  })

  test('that is cut off by its sender harms nobody else', async ({ assert }) => {
    const { keyText } = await newOrganisation()
    for (const encoding of ['identity', 'gzip']) {
      const socket = connect(Number(process.env.PORT), process.env.HOST)
      socket.write(
        `POST /v1/generations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${keyText}\r\n` +
          `Content-Type: application/json\r\nContent-Encoding: ${encoding}\r\n` +
          'Content-Length: 100\r\n\r\n{"model":'
      )
      await once(socket, 'connect')
      await new Promise((resolve) => setTimeout(resolve, 50))
      socket.destroy()
    }

    const body = '{"model":"sandbox/image","input":{"prompt":"x"}}'
    const { status } = await post(keyText, body, { 'content-type': 'application/json' })
    assert.equal(status, 202)
  })

  test('of another type is refused with the header to send', async ({ assert }) => {
    const { keyText } = await newOrganisation()
    const body = '{"model":"sandbox/image","input":{"prompt":"x"}}'
    const { status, error } = await post(keyText, body, { 'content-type': 'text/plain' })
    assert.equal(status, 415)
    assert.include(error.message, 'Content-Type: application/json')
  })
})
