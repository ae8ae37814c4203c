import { test } from '@japa/runner'
import { Usd } from '#core/ledger/credits'
import type { ModelManifest } from '#core/plugins/define_plugin'
import type { Usage } from '#core/plugins/model_provider'
import { actualPrice, pricePin, requestedOutputs, upperPrice } from '#core/prices/price_model'
import type { PriceRule } from '#core/prices/price_rule'
import { quantitiesOf, unitsOf } from '#core/prices/units'
import { plainTerms } from '#tests/plain_terms'

const model = (options: Partial<ModelManifest>) => options as ModelManifest
const order = (input: Record<string, unknown> = {}, references = {}) => ({ input, references })

/** With a credit for a dollar, so that dollars and credits read alike. */
const terms = (rule: PriceRule) => plainTerms(rule, { usdPerCredit: '1' })

const settled = (
  painter: ModelManifest,
  rule: PriceRule,
  usage: Usage,
  wanted = order(),
  upper = '1000'
) =>
  actualPrice(
    painter,
    { ...wanted, usage, upper: Usd.parse(upper), at: new Date('2027-01-15') },
    terms(rule)
  )

test.group('The ceiling of a price', () => {
  test('counts every output that is asked for, at the size it will have', ({ assert }) => {
    const painter = model({
      outputsParameter: 'n',
      geometry: { kind: 'aspect', param: 'ratio', pixels: 1_000_000, multipleOf: 100 },
    })
    const dear = plainTerms({ perMegapixel: { out: '1' } }, { markup: '2', usdPerCredit: '0.5' })

    const { cost, credits, quantities } = upperPrice(painter, order({ ratio: '1:1', n: 3 }), dear)

    assert.deepEqual(quantities, { outputs: 3, pixelsOut: 3_000_000, pixelsIn: 0, seconds: 0 })
    assert.equal(cost.toString(), '3')
    assert.equal(credits.toString(), '12')
  })

  test('counts the seconds of every film', ({ assert }) => {
    const films = model({ outputsParameter: 'n', secondsParameter: 'duration' })

    const wanted = order({ n: 2, duration: 5 })
    const { quantities, cost } = upperPrice(films, wanted, terms({ perSecond: '0.1' }))

    assert.equal(quantities.seconds, 10)
    assert.equal(cost.toString(), '1')
  })

  test('counts the pixels of every reference, and each rounded up where the vendor does', ({
    assert,
  }) => {
    const references = { a: { width: 1000, height: 500 }, b: { width: 1000, height: 1600 } }
    const price = (rule: PriceRule) =>
      upperPrice(model({}), order({}, references), terms(rule)).cost.toString()

    assert.equal(price({ perMegapixel: { out: '0', in: '1' } }), '2.1')
    assert.equal(price({ perMegapixel: { out: '0', in: '1', wholeMegapixels: true } }), '3')
    assert.equal(price({ perUnit: { unit: 'references', rate: '0.003' } }), '0.006')
  })

  test('counts letters as people do, and tokens by the bytes of the text', ({ assert }) => {
    const speech = { perUnit: { unit: 'characters', of: 'text', rate: '1' } } as const
    const tokens: PriceRule = {
      perToken: { rates: { textIn: '1' }, upper: { textIn: { perByteOf: 'text' } } },
    }

    const wanted = order({ text: 'né 🎈' })
    assert.equal(upperPrice(model({}), wanted, terms(speech)).cost.toString(), '4')
    assert.equal(upperPrice(model({}), wanted, terms(tokens)).cost.toString(), '8')
  })

  test('counts the tokens that a table allows for each output', ({ assert }) => {
    const rule: PriceRule = {
      perToken: {
        rates: { imageOut: { usd: '30', per: 1_000_000 }, imageIn: { usd: '8', per: 1_000_000 } },
        upper: {
          imageOut: {
            perOutput: {
              table: {
                keys: ['quality'],
                rows: [
                  [['low'], 272],
                  [['*'], 4160],
                ],
              },
            },
          },
          imageIn: { perCall: 10, perReference: 1000 },
        },
      },
    }
    const painter = model({ outputsParameter: 'n' })
    const wanted = order({ n: 2, quality: 'high' }, { image: { width: 1, height: 1 } })

    const { quantities, cost } = upperPrice(painter, wanted, terms(rule))

    assert.deepEqual(quantities.tokens, { imageOut: 8320, imageIn: 1010 })
    // 8,320 × $30 + 1,010 × $8 a million.
    assert.equal(cost.toString(), '0.25768')
  })

  test('counts the tokens of a film by its pixels', ({ assert }) => {
    const film = model({
      secondsParameter: 'duration',
      geometry: { kind: 'aspect', param: 'ratio', pixels: 921_600, multipleOf: 1 },
    })
    const rule: PriceRule = {
      perToken: {
        rates: { videoOut: { usd: '2.5', per: 1_000_000 } },
        upper: { videoOut: { perPixelFrame: { fps: 24, per: 1024 } } },
      },
    }

    const { quantities, cost } = upperPrice(
      film,
      order({ ratio: '16:9', duration: 5 }),
      terms(rule)
    )

    // 1280 × 720 × 24 × 5 / 1024
    assert.equal(quantities.tokens!.videoOut, 108_000)
    assert.equal(cost.toString(), '0.27')
  })

  test('a model without a number of outputs makes one', ({ assert }) => {
    assert.equal(requestedOutputs(model({}), { n: 4 }), 1)
    assert.equal(requestedOutputs(model({ outputsParameter: 'n' }), { n: 4 }), 4)
  })
})

test.group('The price of what was made', () => {
  test('counts what was measured, not what was asked for', ({ assert }) => {
    const usage = { outputs: 2, pixelsOut: 1_500_000 }

    const { cost, quantities } = settled(model({}), { perMegapixel: { out: '1' } }, usage)

    assert.equal(cost.toString(), '1.5')
    assert.deepEqual(quantities, { outputs: 2, pixelsOut: 1_500_000, pixelsIn: 0, seconds: 0 })
  })

  test('takes what nobody measured as it was asked for, of the outputs that came', ({ assert }) => {
    const films = model({ outputsParameter: 'n', secondsParameter: 'duration' })
    const wanted = order({ n: 3, duration: 4 })

    const { cost } = settled(films, { perSecond: '1' }, { outputs: 2 }, wanted)

    assert.equal(cost.toString(), '8')
  })

  test('counts the tokens that were taken, and those of other kinds as none', ({ assert }) => {
    const rule: PriceRule = {
      perToken: {
        rates: { textIn: '1', imageOut: '10' },
        upper: { textIn: { perCall: 50 }, imageOut: { perOutput: 7 } },
      },
    }

    const told = settled(model({}), rule, { outputs: 1, tokens: { imageOut: 3 } })
    const silent = settled(model({}), rule, { outputs: 1 })

    assert.equal(told.cost.toString(), '30')
    assert.equal(silent.cost.toString(), '120')
  })

  test('uses the row that was pinned, even if the input is gone', ({ assert }) => {
    const rule: PriceRule = {
      table: {
        keys: ['quality'],
        rows: [
          [['low'], '1'],
          [['*'], '5'],
        ],
      },
    }
    const asked = order({ quality: 'low' })
    const pin = pricePin(terms(rule), upperPrice(model({}), asked, terms(rule)), asked)

    const priceWith = (keys: typeof pin.keys) =>
      actualPrice(
        model({}),
        { ...order(), usage: { outputs: 1 }, upper: Usd.parse('9'), at: new Date(), keys },
        terms(rule)
      ).cost.toString()

    assert.deepEqual(pin.keys, { quality: 'low' })
    assert.equal(priceWith(pin.keys), '1')
    assert.equal(priceWith(undefined), '5')
  })
})

const RUNWAY: PriceRule = {
  reported: {
    unit: 'credits',
    rates: [
      { version: '2027', from: '2027-01-01T00:00:00Z', rate: '0.02' },
      { version: '2026', from: '2026-01-01T00:00:00Z', rate: '0.01' },
    ],
    otherwise: { flat: '0.25' },
  },
}

test.group('A price that the vendor reports', () => {
  const report = (amount: number | string, unit = 'credits', upper = '0.5') =>
    settled(model({}), RUNWAY, { outputs: 1, reportedCost: { amount, unit } }, order(), upper)

  test('is converted by the rate of the day of the order', ({ assert }) => {
    const { cost, report: kept } = report(15)

    assert.equal(cost.toString(), '0.3')
    assert.deepEqual(kept, { amount: '15', unit: 'credits', rateVersion: '2027', doubt: null })
  })

  test('is the declared price before the work, and where nothing was reported', ({ assert }) => {
    const silent = settled(model({}), RUNWAY, { outputs: 2 })

    assert.equal(upperPrice(model({}), order(), terms(RUNWAY)).cost.toString(), '0.25')
    assert.equal(silent.cost.toString(), '0.5')
    assert.isNull(silent.report)
  })

  test('may be exactly three times the ceiling, and no more', ({ assert }) => {
    assert.equal(report(75).cost.toString(), '1.5')
    assert.equal(report('75.000001').cost.toString(), '0.25')
    assert.equal(report('75.000001').report?.doubt, 'too_high')
  })

  test('{title} is not believed: {doubt}, and the declared price holds')
    .with([
      { title: 'another unit', amount: 5, unit: 'ticks', doubt: 'unknown_unit' },
      { title: 'a negative figure', amount: -1, unit: 'credits', doubt: 'negative' },
      { title: 'a negative text', amount: '-0.5', unit: 'credits', doubt: 'negative' },
      { title: 'NaN', amount: Number.NaN, unit: 'credits', doubt: 'not_a_figure' },
      { title: 'infinity', amount: Infinity, unit: 'credits', doubt: 'not_a_figure' },
      { title: 'a word', amount: 'free', unit: 'credits', doubt: 'not_a_figure' },
      { title: 'nothing', amount: '', unit: 'credits', doubt: 'not_a_figure' },
      { title: 'a fortune', amount: 1e15, unit: 'credits', doubt: 'too_high' },
    ])
    .run(({ assert }, { amount, unit, doubt }) => {
      const { cost, report: kept } = report(amount, unit)

      assert.equal(cost.toString(), '0.25')
      assert.deepInclude(kept, { doubt, rateVersion: null, unit })
    })

  test('of a time before any rate is not believed', ({ assert }) => {
    const early = actualPrice(
      model({}),
      {
        ...order(),
        usage: { outputs: 1, reportedCost: { amount: 1, unit: 'credits' } },
        upper: Usd.parse('1'),
        at: new Date('2025-12-31'),
      },
      terms(RUNWAY)
    )

    assert.equal(early.report?.doubt, 'no_rate')
    assert.equal(early.cost.toString(), '0.25')
  })
})

test.group('The units of a usage event', () => {
  test('are flat, with the sum of all tokens, and lead back to the quantities', ({ assert }) => {
    const quantities = {
      outputs: 2,
      pixelsOut: 10,
      pixelsIn: 4,
      seconds: 1.5,
      references: 1,
      wholeMegapixelsIn: 1,
      characters: 7,
      tokens: { textIn: 5, imageOut: 30 },
    }
    const units = unitsOf(quantities)

    assert.deepInclude(units, { tokens: 35, textIn: 5, imageOut: 30, outputs: 2 })
    assert.isTrue(Object.values(units).every((count) => typeof count === 'number'))
    assert.deepEqual(quantitiesOf(JSON.parse(JSON.stringify(units))), quantities)
    const plain = { outputs: 1, pixelsOut: 0, pixelsIn: 0, seconds: 0 }
    assert.deepEqual(quantitiesOf(unitsOf(plain)), plain)
  })
})
