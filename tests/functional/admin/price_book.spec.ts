import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { test } from '@japa/runner'
import { PriceArchive } from '#core/prices/price_archive'
import { newOrganisation } from '#tests/factories'
import { publish } from '#tests/functional/pricing/book'
import { generated } from './generated.js'
import { newSignedInOperator, Visitor } from './visitor.js'

const PAGE = '/admin/price-book'

const form = (fields: object = {}): Record<string, string> => ({
  target: 'sandbox/video',
  terms: 'markup',
  markup: '3',
  usd_per_credit: '0.10',
  round_to: '0.01',
  round_mode: 'up',
  timezone: 'Europe/Berlin',
  note: 'Dearer films',
  only: '',
  ...fields,
})

async function pages() {
  const [{ total }] = await db.from('price_book_pages').count('* as total')
  return Number(total)
}

test.group('The page of prices', () => {
  test('shows what each model costs and by which page', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()

    const page = await visitor.get(PAGE)

    assert.equal(page.status, 200)
    assert.include(page.text, 'Sandbox video sandbox/video $0.1 1.50 everything')
    assert.include(page.text, '× 1.5 at $0.1 a credit')
  })

  test('previews a page without writing it', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()
    await visitor.get(PAGE)
    const before = await pages()

    const page = await visitor.post(PAGE, form({ only: 'preview' }))

    assert.equal(page.status, 200)
    assert.include(page.text, 'Sandbox video sandbox/video 1.50 3.00')
    assert.match(page.text, /Sandbox image sandbox\/image 0\.470025 the same/)
    assert.include(page.html, 'value="3"')
    assert.equal(await pages(), before)
  })

  test('adds a page with the operator’s name, in the time zone that was chosen', async ({
    assert,
    cleanup,
  }) => {
    const { visitor, user } = await newSignedInOperator()
    await visitor.get(PAGE)

    const done = await visitor.post(PAGE, form({ effective_from: '2099-07-01T08:00' }))

    assert.equal(done.location, PAGE)
    const { book } = await app.container.make(PriceArchive)
    const at = new Date('2099-07-01T06:00:00Z')
    assert.containSubset(book.at('sandbox/video', at), {
      effectiveFrom: at,
      actor: `user:${user.id}`,
      note: 'Dearer films',
      origin: 'database',
      terms: { kind: 'markup', markup: '3', rounding: { to: '0.01', mode: 'up' } },
    })
    const shown = await visitor.get(PAGE)
    assert.match(
      shown.text,
      /sandbox\/video bok_\w+ × 3 at \$0\.1 a credit.*Dearer films scheduled/
    )
    assert.include(shown.text, 'Test Operator')
    cleanup(await publish({ target: 'sandbox/video', inherit: true, effectiveFrom: '2099-07-02' }))
  })

  test('{title} is told at its field, and nothing is written')
    .with([
      { title: 'a negative markup', fields: { markup: '-1' }, field: 'markup' },
      { title: 'no markup', fields: { markup: '' }, field: 'markup' },
      { title: 'a word', fields: { usd_per_credit: 'ten' }, field: 'usd_per_credit' },
      { title: 'a zone that is none', fields: { timezone: 'Europe/Atlantis' }, field: 'timezone' },
      {
        title: 'an hour that is none',
        fields: { effective_from: '2099-03-29T02:30' },
        field: 'effective_from',
      },
      {
        title: 'the past',
        fields: { effective_from: '2020-01-01T00:00' },
        field: 'effective_from',
      },
      { title: 'no fixed price', fields: { terms: 'fixed' }, field: 'fixed_credits' },
      { title: 'a target that is none', fields: { target: 'sandbox/nothing' }, field: 'target' },
      {
        title: 'everything without a price',
        fields: { target: '*', terms: 'inherit' },
        field: 'terms',
      },
      { title: 'rounding to nothing', fields: { round_to: '0' }, field: 'round_to' },
    ])
    .run(async ({ assert }, { fields, field }) => {
      const { visitor } = await newSignedInOperator()
      await visitor.get(PAGE)
      const before = await pages()

      const page = await visitor.post(PAGE, form(fields as object))

      assert.equal(page.status, 422)
      assert.include(page.html, `id="field-${field}-error"`)
      assert.equal(await pages(), before)
    })

  test('shows how much more than their price jobs held', async ({ assert }) => {
    const { visitor } = await newSignedInOperator()
    const { organisation } = await newOrganisation()
    await generated(organisation.id)

    const page = await visitor.get(PAGE)

    assert.match(page.text, /sandbox\/image [\d,]+ \d+\.\d\d × \d+\.\d\d × \d+\.\d\d ×/)
  })

  test('is for operators only', async ({ assert }) => {
    const page = await new Visitor().get(PAGE)

    assert.match(page.location!, /^\/login/)
  })
})
