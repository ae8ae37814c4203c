import { test } from '@japa/runner'
import { Usd } from '#core/ledger/credits'
import { creditsFor, PriceBook, type BookVersion, type PricedTerms } from '#core/prices/price_book'
import { readBookPage, readConfiguredBook, type BookPage } from '#core/prices/read_book_page'

const UP = { to: '0.000001', mode: 'up' } as const
const NOTHING = { outputs: 0, pixelsOut: 0, pixelsIn: 0, seconds: 0 }

const marked = (markup: string, usdPerCredit: string, rounding: PricedTerms['rounding'] = UP) =>
  ({ kind: 'markup', markup, usdPerCredit, rounding }) as const

const credits = (terms: PricedTerms, usd: string, quantities = {}) =>
  creditsFor(terms, Usd.parse(usd), { ...NOTHING, ...quantities }).toString()

test.group('A page of the price book', () => {
  test('{usd} dollars at {markup} and {rate} dollars a credit are {credits} credits')
    .with([
      { usd: '0.03', markup: '1.5', rate: '0.10', credits: '0.45' },
      { usd: '1', markup: '1', rate: '1', credits: '1' },
      { usd: '0.000001', markup: '1', rate: '3', credits: '0.000001' },
      { usd: '1', markup: '1', rate: '3', credits: '0.333334' },
      { usd: '0', markup: '2', rate: '0.01', credits: '0' },
      { usd: '9223372036854.775807', markup: '1', rate: '1', credits: '9223372036854.775807' },
    ])
    .run(({ assert }, { usd, markup, rate, credits: right }) => {
      assert.equal(credits(marked(markup, rate), usd), right)
    })

  test('{usd} to a multiple of {to}, {mode}, is {credits}')
    .with([
      { usd: '1.001', to: '0.01', mode: 'up' as const, credits: '1.01' },
      { usd: '1.01', to: '0.01', mode: 'up' as const, credits: '1.01' },
      { usd: '1.0049', to: '0.01', mode: 'nearest' as const, credits: '1' },
      { usd: '1.005', to: '0.01', mode: 'nearest' as const, credits: '1.01' },
      { usd: '1.1', to: '0.25', mode: 'up' as const, credits: '1.25' },
      { usd: '0.1', to: '1', mode: 'up' as const, credits: '1' },
    ])
    .run(({ assert }, { usd, to, mode, credits: right }) => {
      assert.equal(credits(marked('1', '1', { to, mode }), usd), right)
    })

  test('a third of a credit is rounded once, after markup and conversion', ({ assert }) => {
    assert.equal(credits(marked('3', '9'), '1'), '0.333334')
    assert.equal(credits(marked('9', '3'), '0.333333'), '0.999999')
  })

  test('a fixed price is the same whatever the vendor charges', ({ assert }) => {
    const fixed = (per: 'output' | 'second' | 'generation') =>
      ({ kind: 'fixed', credits: '2', per, rounding: UP }) as const

    assert.equal(credits(fixed('output'), '99', { outputs: 3 }), '6')
    assert.equal(credits(fixed('second'), '0', { seconds: 2.5, outputs: 1 }), '5')
    assert.equal(credits(fixed('generation'), '1', { outputs: 3 }), '2')
    assert.equal(credits(fixed('generation'), '1', { outputs: 0 }), '0')
  })

  test('a price that no 64 bits can hold is a fault', ({ assert }) => {
    assert.throws(() => credits(marked('2', '1'), '9223372036854.775807'), /do not fit in 64 bits/)
  })
})

const flux = { name: 'bfl/flux', provider: 'bfl', kind: 'image' }
const NOW = new Date('2027-03-01T12:00:00Z')

const page = (
  id: string,
  { origin = 'config', ...fields }: Partial<BookPage> & { origin?: BookVersion['origin'] } = {}
): BookVersion => ({
  ...readBookPage(
    {
      target: '*',
      ...(!fields.inherit && !fields.fixed && { markup: '2', usdPerCredit: '1' }),
      ...fields,
    },
    new Date(0)
  ),
  id,
  origin,
  actor: 'system:test',
  createdAt: new Date(`2027-01-01T00:00:0${id.length}Z`),
})

const chosen = (pages: BookVersion[], at = NOW) => new PriceBook(pages).inForce(flux, at).id

test.group('Which page holds', () => {
  test('the most specific target wins, whatever its origin', ({ assert }) => {
    const pages = [
      page('all', { origin: 'database' }),
      page('kind', { target: 'kind:image', origin: 'database' }),
      page('provider', { target: 'provider:bfl' }),
      page('model', { target: 'bfl/flux' }),
      page('other', { target: 'bfl/flux-2', origin: 'database' }),
    ]

    assert.equal(chosen(pages), 'model')
    assert.equal(chosen(pages.filter(({ id }) => id !== 'model')), 'provider')
    assert.equal(chosen(pages.slice(0, 2)), 'kind')
    assert.equal(chosen(pages.slice(0, 1)), 'all')
  })

  test('of one target the database wins over the configuration, even by an earlier date', ({
    assert,
  }) => {
    const pages = [
      page('config', { effectiveFrom: '2027-02-01' }),
      page('db', { origin: 'database', effectiveFrom: '2027-01-01' }),
    ]

    assert.equal(chosen(pages), 'db')
  })

  test('a page holds from its first moment to the one before its last', ({ assert }) => {
    const pages = [
      page('always'),
      page('sale', { effectiveFrom: '2027-03-01', effectiveUntil: '2027-03-02' }),
    ]

    assert.equal(chosen(pages, new Date('2027-02-28T23:59:59.999Z')), 'always')
    assert.equal(chosen(pages, new Date('2027-03-01T00:00:00Z')), 'sale')
    assert.equal(chosen(pages, new Date('2027-03-01T23:59:59.999Z')), 'sale')
    assert.equal(chosen(pages, new Date('2027-03-02T00:00:00Z')), 'always')
  })

  test('of one moment the later decision wins', ({ assert }) => {
    const pages = [
      page('first', { origin: 'database', effectiveFrom: '2027-01-01' }),
      page('second', { origin: 'database', effectiveFrom: '2027-01-01' }),
    ]

    assert.equal(chosen(pages), 'second')
  })

  test('a page that inherits hands on: to the configuration, and to wider targets', ({
    assert,
  }) => {
    const all = page('all')
    const model = page('model', { target: 'bfl/flux', origin: 'database' })
    const configured = page('configured', { target: 'bfl/flux' })
    const ended = page('ended!', {
      target: 'bfl/flux',
      origin: 'database',
      effectiveFrom: '2027-02-01',
      inherit: true,
    })

    assert.equal(chosen([all, model]), 'model')
    assert.equal(chosen([all, model, ended]), 'all')
    assert.equal(chosen([all, model, ended, configured]), 'configured')
    assert.equal(chosen([all, model, ended], new Date('2027-01-31')), 'model')
  })
})

test.group('The book of the configuration', () => {
  const all: BookPage = { version: 'a', target: '*', markup: '1', usdPerCredit: '1' }

  test('names a page by its version and by what it says', ({ assert }) => {
    const [one] = readConfiguredBook([all])
    const [same] = readConfiguredBook([{ ...all, note: 'as before' }])
    const [dearer] = readConfiguredBook([{ ...all, markup: '1.1' }])

    assert.match(one.id, /^a@[0-9a-f]{8}$/)
    assert.equal(same.id, one.id)
    assert.notEqual(dearer.id, one.id)
    assert.equal(one.effectiveFrom.getTime(), 0)
  })

  test('needs a page for everything, and no two that begin together', ({ assert }) => {
    assert.throws(
      () => readConfiguredBook([{ ...all, target: 'kind:image' }]),
      'Price book, field "target": no page is for "*". Add one, so that every model has a price.'
    )
    assert.throws(
      () => readConfiguredBook([all, { ...all, version: 'b' }]),
      /two pages for "\*" begin at the same moment/
    )
  })

  test('names the page that is wrong', ({ assert }) => {
    assert.throws(
      () => readConfiguredBook([{ ...all, markup: '-1' }]),
      'Price book, page "a", field "markup": it must not be negative.'
    )
  })
})
