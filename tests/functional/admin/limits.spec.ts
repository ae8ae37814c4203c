import { test } from '@japa/runner'
import { drawing, newStudio } from '../generations/studio.js'
import { newSignedInOperator } from './visitor.js'

const one = { scope: 'key', measure: 'requests', window: 'day', limit: '1' }

test.group('Limits in the console', () => {
  test('hold from the next call on, and are gone when removed', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { visitor } = await newSignedInOperator()
    const path = `/admin/organisations/${studio.id}/limits`
    await visitor.get(path)

    const set = await visitor.post(path, { ...one, scopeId: studio.key.id })
    const page = await visitor.get(path)
    const first = await studio.generate(drawing())
    const second = await studio.generate(drawing())
    await visitor.get(path)
    await visitor.post(`${path}/removal`, { ...one, scopeId: studio.key.id })
    const third = await studio.generate(drawing())

    assert.equal(set.location, path)
    assert.include(page.text, '1 requests per day')
    assert.include(page.text, `API key ${studio.key.id}`)
    assert.equal(first.status(), 202)
    assert.equal(second.status(), 429)
    assert.equal(second.body().error.limit.rule, 'key_requests_per_day')
    assert.equal(third.status(), 202)
  })

  test('of one key are nothing to another', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { visitor } = await newSignedInOperator()
    const path = `/admin/organisations/${studio.id}/limits`
    await visitor.get(path)

    await visitor.post(path, { ...one, limit: '0', scopeId: 'key_another' })
    const response = await studio.generate(drawing())

    assert.equal(response.status(), 202)
  })

  test('in credits are written as decimals', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { visitor } = await newSignedInOperator()
    const path = `/admin/organisations/${studio.id}/limits`
    await visitor.get(path)

    await visitor.post(path, { ...one, scope: 'org', measure: 'credits', limit: '0.25' })
    const page = await visitor.get(path)
    const response = await studio.generate(drawing())

    assert.include(page.text, '0.25 credits per day')
    assert.equal(response.status(), 402)
    assert.equal(response.body().error.code, 'budget_exceeded')
  })

  test('that make no sense are shown again with what is wrong: {words}')
    .with([
      { fields: { limit: 'many' }, words: 'Write a whole number.' },
      { fields: { measure: 'credits', limit: '0.0000001' }, words: 'finer than' },
      { fields: { scope: 'platform' }, words: 'not an organisation' },
      { fields: { measure: 'concurrency' }, words: 'It has no window' },
      { fields: { window: 'fortnight' }, words: 'is not known' },
    ])
    .run(async ({ client, assert }, { fields, words }) => {
      const studio = await newStudio(client)
      const { visitor } = await newSignedInOperator()
      const path = `/admin/organisations/${studio.id}/limits`
      await visitor.get(path)

      const page = await visitor.post(path, { ...one, ...fields })
      const after = await visitor.get(path)

      assert.equal(page.status, 422)
      assert.include(page.text, words)
      assert.include(after.text, 'None of its own')
    })

  test('of nobody are 404', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    const page = await visitor.get('/admin/organisations/org_nobody/limits')

    assert.equal(page.status, 404)
  })
})
