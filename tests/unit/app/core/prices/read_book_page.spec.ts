import { test } from '@japa/runner'
import { PriceBookFault } from '#core/prices/errors'
import { readBookPage } from '#core/prices/read_book_page'

const NOW = new Date('2027-01-15T10:00:00Z')
const right = { target: '*', markup: '1.5', usdPerCredit: '0.10' }
const fixed = { target: '*', fixed: { credits: '5', per: 'output' } }

function faultOf(page: unknown): PriceBookFault {
  try {
    readBookPage(page, NOW)
  } catch (error) {
    if (error instanceof PriceBookFault) return error
    throw error
  }
  throw new Error('The page was taken.')
}

test.group('Reading a page of the price book', () => {
  test('a markup, a fixed price and an end are read as they are meant', ({ assert }) => {
    assert.containSubset(readBookPage({ ...right, markup: '01.50' }, NOW), {
      target: '*',
      effectiveFrom: NOW,
      effectiveUntil: null,
      terms: {
        kind: 'markup',
        markup: '1.5',
        usdPerCredit: '0.1',
        rounding: { to: '0.000001', mode: 'up' },
      },
      note: '',
    })
    assert.deepEqual(readBookPage({ ...fixed, rounding: { to: '0.5' } }, NOW).terms, {
      kind: 'fixed',
      credits: '5',
      per: 'output',
      rounding: { to: '0.5', mode: 'up' },
    })
    assert.deepEqual(readBookPage({ target: 'kind:video', inherit: true }, NOW).terms, {
      kind: 'inherit',
    })
  })

  test('dates are of the time zone that is named, and of UTC where none is', ({ assert }) => {
    const from = (effectiveFrom: string, timezone?: string) =>
      readBookPage({ ...right, effectiveFrom, timezone }, NOW).effectiveFrom.toISOString()

    assert.equal(from('2027-07-01', 'Europe/Berlin'), '2027-06-30T22:00:00.000Z')
    assert.equal(from('2027-01-01T08:30', 'America/New_York'), '2027-01-01T13:30:00.000Z')
    assert.equal(from('2028-02-29'), '2028-02-29T00:00:00.000Z')
    assert.equal(from('2027-01-01T00:00:00+05:30', 'Europe/Berlin'), '2026-12-31T18:30:00.000Z')
    // The hour that comes twice when summer ends: its first or second, but that hour.
    assert.match(from('2027-10-31T02:30', 'Europe/Berlin'), /^2027-10-31T0[01]:30/)
  })

  test('{title} is refused at "{field}"')
    .with([
      { title: 'nothing', page: null, field: 'page' },
      { title: 'a list', page: [right], field: 'page' },
      { title: 'an unknown field', page: { ...right, markupp: '2' }, field: 'markupp' },
      { title: 'another currency', page: { ...right, eurPerCredit: '1' }, field: 'eurPerCredit' },
      { title: 'no target', page: { ...right, target: undefined }, field: 'target' },
      { title: 'a kind that is none', page: { ...right, target: 'kind:smell' }, field: 'target' },
      { title: 'a half name', page: { ...right, target: 'bfl/' }, field: 'target' },
      { title: 'a pattern', page: { ...right, target: 'bfl/*' }, field: 'target' },
      { title: 'no price', page: { target: '*' }, field: 'markup' },
      { title: 'markup and fixed', page: { ...right, ...fixed }, field: 'fixed' },
      { title: 'fixed and inherit', page: { ...fixed, inherit: true }, field: 'inherit' },
      {
        title: 'a markup without a rate',
        page: { target: '*', markup: '2' },
        field: 'usdPerCredit',
      },
      {
        title: 'a fixed price with a rate',
        page: { ...fixed, usdPerCredit: '1' },
        field: 'usdPerCredit',
      },
      { title: 'everything inheriting', page: { target: '*', inherit: true }, field: 'inherit' },
      { title: 'a markup of 0', page: { ...right, markup: '0.0' }, field: 'markup' },
      { title: 'a negative markup', page: { ...right, markup: '-0.5' }, field: 'markup' },
      { title: 'a markup as a number', page: { ...right, markup: 1.5 }, field: 'markup' },
      { title: 'a markup that is a word', page: { ...right, markup: 'half' }, field: 'markup' },
      { title: 'an exponent', page: { ...right, markup: '1e3' }, field: 'markup' },
      { title: 'an absurd markup', page: { ...right, markup: '1000.1' }, field: 'markup' },
      { title: 'too many decimals', page: { ...right, markup: '1.0000001' }, field: 'markup' },
      {
        title: 'a credit for nothing',
        page: { ...right, usdPerCredit: '0' },
        field: 'usdPerCredit',
      },
      {
        title: 'finer than a micro-credit',
        page: { ...fixed, fixed: { credits: '0.0000001', per: 'output' } },
        field: 'fixed.credits',
      },
      {
        title: 'an absurd fixed price',
        page: { ...fixed, fixed: { credits: '1000001', per: 'output' } },
        field: 'fixed.credits',
      },
      {
        title: 'an unknown unit',
        page: { ...fixed, fixed: { credits: '1', per: 'week' } },
        field: 'fixed.per',
      },
      {
        title: 'an unknown field within',
        page: { ...fixed, fixed: { credits: '1', per: 'output', usd: '1' } },
        field: 'fixed.usd',
      },
      {
        title: 'rounding to nothing',
        page: { ...right, rounding: { to: '0' } },
        field: 'rounding.to',
      },
      {
        title: 'rounding down',
        page: { ...right, rounding: { mode: 'down' } },
        field: 'rounding.mode',
      },
      {
        title: 'a zone that is none',
        page: { ...right, timezone: 'Mars/Olympus' },
        field: 'timezone',
      },
      { title: 'an offset as a zone', page: { ...right, timezone: '+02:00' }, field: 'timezone' },
      {
        title: 'a day that is none',
        page: { ...right, effectiveFrom: '2027-02-29' },
        field: 'effectiveFrom',
      },
      {
        title: 'a day of another calendar',
        page: { ...right, effectiveFrom: '31.01.2027' },
        field: 'effectiveFrom',
      },
      {
        title: 'an hour that is none',
        page: { ...right, effectiveFrom: '2027-01-01T25:00' },
        field: 'effectiveFrom',
      },
      {
        title: 'an instant of a day that is none',
        page: { ...right, effectiveFrom: '2027-02-30T00:00:00Z' },
        field: 'effectiveFrom',
      },
      {
        title: 'an hour that summer time leaves out',
        page: { ...right, effectiveFrom: '2027-03-28T02:30', timezone: 'Europe/Berlin' },
        field: 'effectiveFrom',
      },
      {
        title: 'an end before the beginning',
        page: { ...right, effectiveFrom: '2027-02-01', effectiveUntil: '2027-02-01' },
        field: 'effectiveUntil',
      },
      { title: 'a novel', page: { ...right, note: 'a'.repeat(501) }, field: 'note' },
    ])
    .run(({ assert }, { page, field }) => {
      const fault = faultOf(page)

      assert.equal(fault.field, field)
      assert.match(fault.mend, /[.]$/)
      assert.equal(fault.code, 'E_PRICE_BOOK_INVALID')
    })
})
