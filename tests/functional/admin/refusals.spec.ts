import { test } from '@japa/runner'
import { drawing, newStudio } from '../generations/studio.js'
import { newSignedInOperator } from './visitor.js'

test.group('Refusals in the console', () => {
  test('are listed with what they are about, and filtered by organisation', async ({
    client,
    assert,
  }) => {
    const [poor, other] = [
      await newStudio(client, { credits: '0.1' }),
      await newStudio(client, { credits: '0' }),
    ]
    await poor.generate(drawing())
    await other.generate(drawing())
    const { visitor } = await newSignedInOperator()

    const page = await visitor.get(`/admin/refusals?organisation=${poor.id}`)

    assert.equal(page.status, 200)
    assert.include(page.html, `/admin/organisations/${poor.id}`)
    assert.notInclude(page.html, `/admin/organisations/${other.id}"`)
    assert.include(page.text, 'Not enough credits')
    assert.include(page.text, '402')
  })

  test('one tells its numbers', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '0.1' })
    const response = await studio.generate({ ...drawing(), end_user: '<b>visitor</b>' })
    const { visitor } = await newSignedInOperator()

    const page = await visitor.get(
      `/admin/refusals/${studio.id}/${response.body().error.refusal_id}`
    )

    assert.equal(page.status, 200)
    assert.include(page.text, 'Needed 0.47187 credits')
    assert.include(page.text, 'Available 0.10 credits')
    assert.include(page.text, 'sandbox/image')
    assert.include(page.text, '&lt;b&gt;visitor')
    assert.include(page.text, 'Nothing was charged')
  })

  test('that are not there are 404, and an empty list says so', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { visitor } = await newSignedInOperator()

    const missing = await visitor.get(`/admin/refusals/${studio.id}/ref_nothing`)
    const empty = await visitor.get(`/admin/refusals?organisation=${studio.id}`)

    assert.equal(missing.status, 404)
    assert.include(empty.text, 'was refused nothing')
  })

  test('the form that was refused links to why', async ({ client, assert }) => {
    const studio = await newStudio(client, { credits: '0' })
    const { visitor } = await newSignedInOperator()
    await visitor.get('/admin/try')

    const page = await visitor.post('/admin/try', {
      'model': 'sandbox/image',
      'organisation': studio.id,
      'reference': crypto.randomUUID(),
      'input[prompt]': 'a lighthouse',
    })

    assert.equal(page.status, 422)
    assert.match(page.html, new RegExp(`/admin/refusals/${studio.id}/ref_\\w+`))
  })
})
