import { test } from '@japa/runner'
import { newOrganisation } from '#tests/factories'
import { here, newSignedInOperator } from './visitor.js'

/** How the API answers to a key that asks for its balance. */
async function answerTo(key: string): Promise<number> {
  const { status } = await fetch(new URL('/v1/balance', here()), {
    headers: { authorization: `Bearer ${key}` },
  })
  return status
}

test.group('API keys', () => {
  test('are shown once and work at once', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const { visitor } = await newSignedInOperator()

    const made = await visitor.post('/admin/keys', {
      'name': 'Website',
      'organisation': organisation.id,
      'scopes[]': 'read',
    })

    assert.equal(made.location, '/admin/keys')
    const first = await visitor.get('/admin/keys')
    const [text] = /dg_live_[A-Za-z0-9]{40}/.exec(first.text)!
    assert.equal(await answerTo(text), 200)
    const second = await visitor.get('/admin/keys')
    assert.notInclude(second.html, text)
    assert.include(second.text, text.slice(0, 14))
  })

  test('may only what was ticked', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const { visitor } = await newSignedInOperator()
    await visitor.post('/admin/keys', {
      'name': 'Generates only',
      'organisation': organisation.id,
      'scopes[]': 'generate',
    })
    const page = await visitor.get('/admin/keys')
    const [text] = /dg_live_[A-Za-z0-9]{40}/.exec(page.text)!

    assert.equal(await answerTo(text), 403)
  })

  test('need a name, an organisation and something they may', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    const page = await visitor.post('/admin/keys', { name: '', organisation: 'org_nobody' })

    assert.equal(page.status, 422)
    assert.include(page.text, 'Fill this in.')
    assert.include(page.text, 'Choose at least one.')
  })

  test('of nobody are not made', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    const page = await visitor.post('/admin/keys', {
      'name': 'x',
      'organisation': 'org_nobody',
      'scopes[]': 'read',
    })

    assert.equal(page.status, 422)
    assert.include(page.text, 'Choose an organisation.')
  })

  test('end at once and for good when they are revoked', async ({ assert }) => {
    const { key, keyText } = await newOrganisation()
    const { visitor } = await newSignedInOperator()
    assert.equal(await answerTo(keyText), 200)

    const revoked = await visitor.post(`/admin/keys/${key.id}/revocation`)

    assert.equal(revoked.location, '/admin/keys')
    assert.equal(await answerTo(keyText), 401)
    const page = await visitor.get('/admin/keys')
    assert.include(page.text, `(${key.prefix}…) is revoked.`)
  })
})
