import { test } from '@japa/runner'
import { newOrganisation } from '#tests/factories'

/** A call as a stranger's program makes it, byte by byte. */
async function post(keyText: string, body: BodyInit, headers: Record<string, string>) {
  const address = `http://${process.env.HOST}:${process.env.PORT}/v1/generations`
  const answer = await fetch(address, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${keyText}`, ...headers },
  })
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

  test('of another type is refused with the header to send', async ({ assert }) => {
    const { keyText } = await newOrganisation()
    const body = '{"model":"sandbox/image","input":{"prompt":"x"}}'
    const { status, error } = await post(keyText, body, { 'content-type': 'text/plain' })
    assert.equal(status, 415)
    assert.include(error.message, 'Content-Type: application/json')
  })
})
