import { readFile } from 'node:fs/promises'
import { test } from '@japa/runner'
import { Webhook } from 'standardwebhooks'
import { newSecret, signatureHeaders } from '#app/webhooks/signature'

const DOCS = new URL('../../../../docs/webhooks.md', import.meta.url)

type IsAuthentic = (
  headers: Record<string, string>,
  body: string,
  secret: string,
  now?: number
) => boolean

/** The code that the page tells people to copy. */
async function documented(): Promise<IsAuthentic> {
  const page = await readFile(DOCS, 'utf8')
  const [, code] = /```js\n([\s\S]+?)```/.exec(page)!
  const module = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  return module.isAuthentic
}

test.group('The signature of a webhook', () => {
  const body = '{"id":"evt_x","data":{"name":"Zoë"}}'
  const message = () => ({ id: 'evt_x', at: new Date(), body })

  test('is what the reference library makes of the same', ({ assert }) => {
    const secret = newSecret()
    const { id, at } = message()

    const headers = signatureHeaders({ id, at, body }, [secret])

    assert.equal(headers['webhook-signature'], new Webhook(secret).sign(id, at, body))
  })

  test('is verified by the code of docs/webhooks.md, with either of two secrets', async ({
    assert,
  }) => {
    const isAuthentic = await documented()
    const secrets = [newSecret(), newSecret()]
    const headers = signatureHeaders(message(), secrets)

    for (const secret of secrets) assert.isTrue(isAuthentic(headers, body, secret))
  })

  test('is refused by it for another body, id, time or secret', async ({ assert }) => {
    const isAuthentic = await documented()
    const secret = newSecret()
    const headers = signatureHeaders(message(), [secret])
    const other = String(Number(headers['webhook-timestamp']) + 1)

    assert.isFalse(isAuthentic(headers, `${body} `, secret))
    assert.isFalse(isAuthentic({ ...headers, 'webhook-id': 'evt_y' }, body, secret))
    assert.isFalse(isAuthentic({ ...headers, 'webhook-timestamp': other }, body, secret))
    assert.isFalse(isAuthentic(headers, body, newSecret()))
    assert.isFalse(isAuthentic(headers, body, secret, Date.now() + 600_000))
    assert.isFalse(isAuthentic({ ...headers, 'webhook-signature': 'v1,' }, body, secret))
  })
})
