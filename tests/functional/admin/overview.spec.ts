import app from '@adonisjs/core/services/app'
import { test } from '@japa/runner'
import { ModelCatalogue } from '#app/generations/queries/model_catalogue'
import { newOrganisation } from '#tests/factories'
import { generated } from './generated.js'
import { newSignedInOperator } from './visitor.js'

const figure = (text: string, label: string) =>
  Number(new RegExp(`${label} ([\\d,]+)`).exec(text)![1].replaceAll(',', ''))

test.group('The front page', () => {
  test('counts today’s jobs and failures, and lists the failures with their reason', async ({
    assert,
  }) => {
    const { organisation } = await newOrganisation()
    const { visitor } = await newSignedInOperator()
    await generated(organisation.id)
    const { text: before } = await visitor.get('/admin')

    await generated(organisation.id)
    const failed = await generated(organisation.id, 'fail:moderation')

    const { text, html } = await visitor.get('/admin')
    assert.equal(figure(text, 'Jobs today'), figure(before, 'Jobs today') + 2)
    assert.equal(figure(text, 'Failures today'), figure(before, 'Failures today') + 1)
    assert.include(html, `/admin/generations/${failed.id}`)
    assert.include(text, failed.error!.message)
  })

  test('draws spend and jobs by day and provider, and tells the same numbers as a table', async ({
    assert,
  }) => {
    const { organisation } = await newOrganisation()
    const { charged, id } = await generated(organisation.id)
    const db = await app.container.make('lucid.db')
    const day = new Date(Date.now() - 80 * 86_400_000)
    await db.from('generations').where('id', id).update({ created_at: day })
    await db
      .from('usage_events')
      .where('account_id', organisation.id)
      .update({ created_at: day, provider: 'past' })
    const { visitor } = await newSignedInOperator()

    const long = await visitor.get('/admin?days=90')
    const short = await visitor.get('/admin?days=30')

    const row = `${day.toISOString().slice(0, 10)} `
    assert.match(long.text, new RegExp(`${row}${charged} `))
    assert.notInclude(short.text, row)
    const drawings = [...long.html.matchAll(/data-chart="([^"]+)"/g)].map(([, json]) =>
      JSON.parse(json.replaceAll('&quot;', '"'))
    )
    assert.lengthOf(drawings, 2)
    assert.lengthOf(drawings[0].days, 90)
    const past = drawings[0].series.find(({ name }: { name: string }) => name === 'past')
    assert.equal(past.values[9], Number(charged!.toString()))
  })

  test('takes a range it does not have for the shortest', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    const { html } = await visitor.get('/admin?days=100000')

    assert.match(html, /days=14" aria-current="true"/)
  })
})

test.group('The models', () => {
  test('are listed with what an example costs', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    const { text } = await visitor.get('/admin/models')

    assert.include(text, 'Sandbox image sandbox/image')
    assert.match(text, /0\.470025 credits/)
    assert.include(text, 'local/esrgan-2x')
  })

  test('of a plugin that is not on say what they wait for', async ({ assert, cleanup }) => {
    const waiting = [
      { id: 'acme', title: 'Acme', state: 'unconfigured', missing: ['ACME_KEY'], models: [{}, {}] },
      { id: 'toy', title: 'Toy', state: 'test_only', missing: [], models: [{}] },
    ]
    app.container.swap(ModelCatalogue, () => {
      const catalogue: Partial<ModelCatalogue> = { all: () => [], plugins: () => waiting as never }
      return catalogue as ModelCatalogue
    })
    cleanup(() => app.container.restore(ModelCatalogue))
    const { visitor } = await newSignedInOperator()

    const { text } = await visitor.get('/admin/models')

    assert.include(text, 'not configured')
    assert.include(text, '2 models wait for a key')
    assert.include(text, 'ACME_KEY')
    assert.include(text, 'test keys only')
    assert.include(text, 'ENABLE_PLUGINS=toy')
  })
})
