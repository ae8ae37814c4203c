import { test } from '@japa/runner'
import { Usd } from '#core/ledger/credits'
import type { ModelManifest } from '#core/plugins/define_plugin'
import { PriceBook } from '#core/prices/price_book'
import { actualPrice, requestedOutputs, upperPrice } from '#core/prices/price_model'

const book = (markup: string, usdPerCredit: string) =>
  new PriceBook({ version: 'test', markup, usdPerCredit })

const model = (options: Partial<ModelManifest>) =>
  ({ price: { version: '1', source: 'test', rule: { flat: '1' } }, ...options }) as ModelManifest

test.group('The price book', () => {
  test('{usd} dollars at {markup} and {rate} dollars a credit are {credits} credits')
    .with([
      { usd: '0.03', markup: '1.5', rate: '0.10', credits: '0.45' },
      { usd: '1', markup: '1', rate: '1', credits: '1' },
      { usd: '0.000001', markup: '1', rate: '3', credits: '0.000001' },
      { usd: '1', markup: '1', rate: '3', credits: '0.333334' },
      { usd: '0', markup: '2', rate: '0.01', credits: '0' },
      { usd: '9223372036854.775807', markup: '1', rate: '1', credits: '9223372036854.775807' },
    ])
    .run(({ assert }, { usd, markup, rate, credits }) => {
      assert.equal(book(markup, rate).credits(Usd.parse(usd)).toString(), credits)
    })

  test('a price that no 64 bits can hold is a fault', ({ assert }) => {
    const dear = () => book('2', '1').credits(Usd.parse('9223372036854.775807'))

    assert.throws(dear, /do not fit in 64 bits/)
  })

  test('its version is what holds are pinned to', ({ assert }) => {
    assert.equal(book('1', '1').version, 'test')
  })
})

test.group('The price of a model', () => {
  test('the ceiling counts every output that is asked for, at the size it will have', ({
    assert,
  }) => {
    const painter = model({
      outputsParameter: 'n',
      geometry: { kind: 'aspect', param: 'ratio', pixels: 1_000_000, multipleOf: 100 },
      price: { version: '1', source: 'test', rule: { perMegapixel: { out: '1' } } },
    })

    const { cost, credits, quantities } = upperPrice(
      painter,
      { ratio: '1:1', n: 3 },
      {},
      book('2', '0.5')
    )

    assert.deepEqual(quantities, { outputs: 3, pixelsOut: 3_000_000, pixelsIn: 0, seconds: 0 })
    assert.equal(cost.toString(), '3')
    assert.equal(credits.toString(), '12')
  })

  test('the ceiling of a film counts the seconds of every output', ({ assert }) => {
    const films = model({
      outputsParameter: 'n',
      secondsParameter: 'duration',
      price: { version: '1', source: 'test', rule: { perSecond: '0.1' } },
    })

    const { quantities, cost } = upperPrice(films, { n: 2, duration: 5 }, {}, book('1', '1'))

    assert.equal(quantities.seconds, 10)
    assert.equal(cost.toString(), '1')
  })

  test('the ceiling counts the pixels of every reference', ({ assert }) => {
    const blend = model({
      price: { version: '1', source: 'test', rule: { perMegapixel: { out: '0', in: '1' } } },
    })
    const references = { a: { width: 1000, height: 500 }, b: { width: 1000, height: 1500 } }

    assert.equal(upperPrice(blend, {}, references, book('1', '1')).cost.toString(), '2')
  })

  test('the actual price counts what was measured, not what was asked for', ({ assert }) => {
    const painter = model({
      price: { version: '1', source: 'test', rule: { perMegapixel: { out: '1' } } },
    })

    const { cost, quantities } = actualPrice(
      painter,
      { outputs: 2, pixelsOut: 1_500_000 },
      book('1', '1')
    )

    assert.equal(cost.toString(), '1.5')
    assert.deepEqual(quantities, { outputs: 2, pixelsOut: 1_500_000, pixelsIn: 0, seconds: 0 })
  })

  test('a model without a number of outputs makes one', ({ assert }) => {
    assert.equal(requestedOutputs(model({}), { n: 4 }), 1)
    assert.equal(requestedOutputs(model({ outputsParameter: 'n' }), { n: 4 }), 4)
  })
})
