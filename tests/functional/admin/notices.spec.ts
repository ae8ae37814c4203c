import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Notices } from '#core/notices/notices'
import { newOrganisation } from '#tests/factories'
import { newSignedInOperator } from './visitor.js'

async function look(accountId: string) {
  const notices = await app.container.make(Notices)
  notices.look(accountId)
  await notices.flush()
}

test.group('Notices in the console', () => {
  test('are listed by organisation, in words', async ({ assert }) => {
    const { organisation } = await newOrganisation({ credits: '2' })
    const { organisation: other } = await newOrganisation({ credits: '2' })
    await Promise.all([look(organisation.id), look(other.id)])
    const { visitor } = await newSignedInOperator()

    const page = await visitor.get(`/admin/notices?organisation=${organisation.id}`)

    assert.equal(page.status, 200)
    assert.match(page.text, /2(\.00)? credits were left, fewer than 5/)
    assert.notInclude(page.html, `/admin/organisations/${other.id}"`)
  })

  test('come by the figure an organisation was given, until it is taken away', async ({
    assert,
  }) => {
    const { organisation } = await newOrganisation({ credits: '60' })
    const { visitor } = await newSignedInOperator()
    const path = `/admin/notices?organisation=${organisation.id}`
    await visitor.get(path)

    const wrong = await visitor.post(`/admin/notices/${organisation.id}`, { below: 'many' })
    const negative = await visitor.post(`/admin/notices/${organisation.id}`, { below: '-1' })
    const saved = await visitor.post(`/admin/notices/${organisation.id}`, { below: '80' })
    await look(organisation.id)
    const page = await visitor.get(path)
    const cleared = await visitor.post(`/admin/notices/${organisation.id}`, { below: '' })
    const after = await visitor.get(path)

    assert.equal(wrong.status, 422)
    assert.include(wrong.text, '"many" is not an amount')
    assert.equal(negative.status, 422)
    assert.equal(saved.location, path)
    assert.include(page.html, 'value="80"')
    assert.match(page.text, /60(\.00)? credits were left, fewer than 80/)
    assert.equal(cleared.status, 302)
    assert.notInclude(after.html, 'value="80"')
  })

  test('of nobody are 404, and an empty list says so', async ({ assert }) => {
    const { organisation } = await newOrganisation({ credits: '100' })
    const { visitor } = await newSignedInOperator()
    await visitor.get('/admin/notices')

    const nobody = await visitor.post('/admin/notices/org_nobody', { below: '1' })
    const empty = await visitor.get(`/admin/notices?organisation=${organisation.id}`)

    assert.equal(nobody.status, 404)
    assert.include(empty.text, 'Nothing to tell')
  })
})
