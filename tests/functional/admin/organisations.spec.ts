import { randomUUID } from 'node:crypto'
import { test } from '@japa/runner'
import { grant, newOrganisation } from '#tests/factories'
import { newSignedInOperator } from './visitor.js'

test.group('Organisations', () => {
  test('are created with an empty account and found by a part of their name', async ({
    assert,
  }) => {
    const { visitor } = await newSignedInOperator()
    const name = `Aurora ${randomUUID()}`

    const created = await visitor.post('/admin/organisations', { name, timezone: 'Europe/Berlin' })

    const page = await visitor.get(created.location!)
    assert.include(page.text, name)
    assert.include(page.text, 'No credits yet')
    assert.include(page.text, 'Europe/Berlin')
    const found = await visitor.get(`/admin/organisations?search=${name.slice(2, 20)}`)
    assert.include(found.text, name)
  })

  test('need a name and a time zone that exists', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    const page = await visitor.post('/admin/organisations', { name: ' ', timezone: 'Mars/Base' })

    assert.equal(page.status, 422)
    assert.include(page.text, 'Fill this in.')
    assert.include(page.text, 'Write a time zone such as Europe/Berlin or UTC.')
    assert.include(page.html, 'value="Mars/Base"')
  })

  test('have no zone that the database reads otherwise than people do', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    for (const timezone of ['+02:00', 'IST', 'CET']) {
      const page = await visitor.post('/admin/organisations', { name: 'Aurora', timezone })

      assert.equal(page.status, 422, timezone)
      assert.include(page.text, 'Write a time zone such as Europe/Berlin or UTC.')
    }
  })

  test('show markup in a name as text', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    const created = await visitor.post('/admin/organisations', {
      name: '<img src=x onerror=alert(1)>',
      timezone: 'UTC',
    })

    const page = await visitor.get(created.location!)
    assert.notInclude(page.html, '<img src=x')
    assert.include(page.html, '&lt;img src=x')
  })

  test('are told with what they have and what is held', async ({ assert }) => {
    const { organisation } = await newOrganisation({ credits: '12.5' })
    const { visitor } = await newSignedInOperator()

    const list = await visitor.get(`/admin/organisations?search=${organisation.id}`)

    assert.include(list.html, '<data class="money nowrap" value="12.5">12.50<')
  })

  test('do not count what is left of a grant that has expired', async ({ assert }) => {
    const { organisation } = await newOrganisation({ credits: '10' })
    await grant(organisation.id, '5', new Date(Date.now() + 400))
    await new Promise((resolve) => setTimeout(resolve, 500))
    const { visitor } = await newSignedInOperator()

    const list = await visitor.get(`/admin/organisations?search=${organisation.id}`)

    assert.include(list.html, 'value="10">10.00<')
  })

  test('show their ledger page by page, without a gap', async ({ assert }) => {
    const { organisation } = await newOrganisation({ credits: '0' })
    for (let count = 1; count <= 27; count++) await grant(organisation.id, String(count))
    const { visitor } = await newSignedInOperator()
    const path = `/admin/organisations/${organisation.id}`

    const first = await visitor.get(path)
    const older = /href="([^"]+)">Older/.exec(first.html)![1]
    const second = await visitor.get(older)

    assert.include(first.text, '+27.00')
    assert.include(first.text, '+3.00')
    assert.notInclude(first.text, '+2.00')
    assert.include(second.text, '+2.00')
    assert.include(second.text, '+1.00')
    assert.notInclude(second.html, '>Older')
  })

  test('show the limits that hold and what is left of them', async ({ assert }) => {
    const { organisation } = await newOrganisation()
    const { visitor } = await newSignedInOperator()

    const page = await visitor.get(`/admin/organisations/${organisation.id}`)

    assert.include(page.text, '300 requests per minute')
  })
})
