import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { Budgets } from '#core/quota/budgets'
import { drawing, newStudio } from '../generations/studio.js'
import { newSignedInOperator } from './visitor.js'

const PATH = '/admin/budgets'
const one = { id: 'model:sandbox/image', measure: 'images', window: 'month', limit: '2' }

test.group('Budgets in the console', (group) => {
  group.each.teardown(async () => {
    const budgets = await app.container.make(Budgets)
    for (const budget of await budgets.list()) await budgets.remove(budget, 'system:test')
  })

  test('hold from the next call on, show their figures, and are gone when removed', async ({
    client,
    assert,
  }) => {
    const studio = await newStudio(client)
    const { visitor } = await newSignedInOperator()
    const empty = await visitor.get(PATH)

    const set = await visitor.post(PATH, one)
    await studio.generated()
    await studio.generated()
    const third = await studio.generate(drawing())
    const page = await visitor.get(PATH)
    await visitor.post(`${PATH}/removal`, one)
    const fourth = await studio.generate(drawing())

    assert.include(empty.text, 'No budget')
    assert.equal(set.location, PATH)
    assert.include(page.text, 'Model sandbox/image')
    assert.include(page.text, '2 images per month')
    assert.include(page.text, 'has refused')
    assert.include(page.text, 'Set by Test Operator')
    assert.deepEqual([third.status(), fourth.status()], [429, 202])
  })

  test('are changed where they stand', async ({ client, assert }) => {
    const studio = await newStudio(client)
    const { visitor } = await newSignedInOperator()
    await visitor.get(PATH)
    await visitor.post(PATH, { ...one, limit: '0' })
    const refused = await studio.generate(drawing())

    const form = await visitor.get(`${PATH}?${new URLSearchParams(one)}`)
    await visitor.post(PATH, { ...one, limit: '7' })
    const passed = await studio.generate(drawing())
    const page = await visitor.get(PATH)

    assert.match(form.html, /name="limit"[^>]*value="0"/)
    assert.deepEqual([refused.status(), passed.status()], [429, 202])
    assert.include(page.text, '7 images per month')
    assert.notInclude(page.text, '0 images per month')
  })

  test('that make no sense are shown again with what is wrong: {words}')
    .with([
      { fields: { limit: 'many' }, words: 'Write a whole number.' },
      { fields: { limit: '9223372036854775808' }, words: 'Use 0 to 9223372036854775807.' },
      { fields: { measure: 'credits', limit: '0.0000001' }, words: 'finer than a millionth' },
      {
        fields: { measure: 'credits', limit: '99999999999999' },
        words: 'Use at most 9223372036854.775807',
      },
      { fields: { measure: 'concurrency' }, words: 'What runs at once is no budget.' },
      { fields: { onExceed: 'queue' }, words: 'Nothing can wait for a budget' },
      { fields: { window: 'fortnight' }, words: 'is not known' },
      { fields: { id: 'model:sandbox/imago' }, words: 'Did you mean sandbox/image' },
      { fields: { id: 'provider:nobody' }, words: 'There is no provider "nobody".' },
      { fields: { id: 'org:x' }, words: '"org:x" is none. Use all, provider:' },
    ])
    .run(async ({ assert }, { fields, words }) => {
      const { visitor } = await newSignedInOperator()
      await visitor.get(PATH)

      const page = await visitor.post(PATH, { ...one, ...(fields as object) })
      const after = await visitor.get(PATH)

      assert.equal(page.status, 422)
      assert.include(page.text, words)
      assert.include(after.text, 'No budget')
    })

  test('are no page for strangers', async ({ client, assert }) => {
    const response = await client.get(PATH).redirects(0)

    assert.equal(response.header('location'), '/login?next=%2Fadmin%2Fbudgets')
  })
})
