import { test } from '@japa/runner'
import { evaluate } from '#core/prices/evaluate'
import type { PriceRule, Quantities } from '#core/prices/price_rule'
import { decimalText } from '#core/prices/rational'

const NOTHING: Quantities = { outputs: 0, pixelsOut: 0, pixelsIn: 0, seconds: 0 }

const price = (rule: PriceRule, quantities: Partial<Quantities>, keys = {}) =>
  evaluate(rule, { quantities: { ...NOTHING, ...quantities }, keys }).cost.toString()

test.group('The algebra of prices', () => {
  test('a table is asked by parameters, row by row, and counts outputs', ({ assert }) => {
    const dalle: PriceRule = {
      table: {
        keys: ['quality', 'size'],
        rows: [
          [['standard', '1024x1024'], '0.04'],
          [['standard', '*'], '0.08'],
          [['hd', '1024x1024'], '0.08'],
          [['hd', '*'], '0.12'],
        ],
      },
    }
    const of = (quality: string, size: string) => price(dalle, { outputs: 2 }, { quality, size })

    assert.equal(of('standard', '1024x1024'), '0.08')
    assert.equal(of('standard', '1792x1024'), '0.16')
    assert.equal(of('hd', '1024x1792'), '0.24')
  })

  test('a table knows switches, numbers, what is missing, and what is given at all', ({
    assert,
  }) => {
    const rule: PriceRule = {
      table: {
        keys: ['audio', 'steps', 'tier', 'has:character'],
        rows: [
          [[true, '*', '*', '*'], '4'],
          [['*', 8, '*', '*'], '3'],
          [['*', '*', null, true], '2'],
          [['*', '*', '*', '*'], '1'],
        ],
      },
    }
    const of = (keys: object) => price(rule, { outputs: 1 }, keys)

    assert.equal(of({ audio: true, steps: 8 }), '4')
    assert.equal(of({ audio: false, steps: 8 }), '3')
    assert.equal(of({ 'has:character': true }), '2')
    assert.equal(of({ 'tier': 'pro', 'has:character': true }), '1')
    assert.equal(of({ tier: null }), '1')
  })

  test('a table without a row for it is a fault, not a price', ({ assert }) => {
    const rule: PriceRule = { table: { keys: ['size'], rows: [[['1K'], '1']] } }

    assert.throws(() => price(rule, { outputs: 1 }, { size: '4K' }), /no row for size 4K/)
  })

  test('seconds by a table, and rounded up where the vendor does', ({ assert }) => {
    const veo = {
      table: { keys: ['audio'], rows: [[[true], '0.40'] as const, [[false], '0.20'] as const] },
    }
    const rule = { perSecond: veo } as unknown as PriceRule

    assert.equal(price(rule, { seconds: 7.5 }, { audio: true }), '3')
    assert.equal(price({ perSecond: '0.1', wholeSeconds: true }, { seconds: 4.01 }), '0.5')
    assert.equal(price({ perSecond: '0.1', wholeSeconds: true }, { seconds: 4 }), '0.4')
  })

  test('tokens by their kind, each at its rate', ({ assert }) => {
    const million = (usd: string) => ({ usd, per: 1_000_000 })
    const rule: PriceRule = {
      perToken: {
        rates: { textIn: million('5'), cachedTextIn: million('1.25'), imageOut: million('30') },
        upper: {},
      },
    }

    assert.equal(
      price(rule, { tokens: { textIn: 100, cachedTextIn: 40, imageOut: 4160 } }),
      '0.12535'
    )
    assert.equal(price(rule, { tokens: { audioOut: 9 } }), '0')
    // A three-hundredth of a micro-dollar is one, once.
    assert.equal(price(rule, { tokens: { textIn: 1, cachedTextIn: 1 } }), '0.000007')
  })

  test('the first megapixel, the others, and those that go in', ({ assert }) => {
    const flux: PriceRule = { perMegapixel: { out: '0.03', extraOut: '0.015', in: '0.015' } }
    const whole: PriceRule = { perMegapixel: { ...flux.perMegapixel, wholeMegapixels: true } }
    const four = { outputs: 2, pixelsOut: 8_000_000, pixelsIn: 1_500_000, wholeMegapixelsIn: 2 }

    // 2 × (0.03 + 3 × 0.015) + 1.5 × 0.015
    assert.equal(price(flux, four), '0.1725')
    assert.equal(price(whole, four), '0.18')
    assert.equal(price(flux, { outputs: 1, pixelsOut: 500_000 }), '0.015')
    assert.equal(price(whole, { outputs: 1, pixelsOut: 500_000 }), '0.03')
    assert.equal(price(whole, { outputs: 1, pixelsOut: 1_000_001 }), '0.045')
  })

  test('the megapixels of every frame of every film', ({ assert }) => {
    const ray: PriceRule = { perMegapixelFrame: { rate: '0.0064', fps: 24 } }
    const frames = { outputs: 1, pixelsOut: 1280 * 720, seconds: 5 }

    // 0.9216 × 24 × 5 × 0.0064
    assert.equal(price(ray, frames), '0.707789')
    assert.equal(price(ray, { outputs: 2, pixelsOut: 2 * 1280 * 720, seconds: 10 }), '1.415578')
  })

  test('characters, minutes and references', ({ assert }) => {
    const speech: PriceRule = {
      perUnit: { unit: 'characters', of: 'text', rate: { usd: '0.24', per: 1000 } },
    }

    assert.equal(price(speech, { characters: 1 }), '0.00024')
    assert.equal(price({ perUnit: { unit: 'minutes', rate: '0.6' } }, { seconds: 90 }), '0.9')
    assert.equal(
      price({ perUnit: { unit: 'minutes', rate: '0.6', whole: true } }, { seconds: 61 }),
      '1.2'
    )
    assert.equal(
      price({ perUnit: { unit: 'references', rate: '0.003' } }, { references: 4 }),
      '0.012'
    )
  })

  test('the smallest, the largest, and the sum of several, rounded once', ({ assert }) => {
    const third: PriceRule = { flat: { usd: '1', per: 3 } }
    const cheap: PriceRule = { flat: '0.3' }

    assert.equal(price({ min: [third, cheap] }, { outputs: 1 }), '0.3')
    assert.equal(price({ max: [cheap, third] }, { outputs: 1 }), '0.333334')
    assert.equal(price({ sum: [third, third, third] }, { outputs: 1 }), '1')
    assert.equal(
      price({ max: [{ sum: [third, third] }, { flat: '0.66' }] }, { outputs: 1 }),
      '0.666667'
    )
  })

  test('a derivation tells the lines of what was chosen, exactly', ({ assert }) => {
    const { lines } = evaluate(
      { max: [{ flat: '0.01' }, { sum: [{ perSecond: '0.05' }, { flat: { usd: '1', per: 8 } }] }] },
      { quantities: { ...NOTHING, outputs: 1, seconds: 2.5 } }
    )

    assert.deepEqual(
      lines.map(({ unit, quantity, rate, usd }) => [
        unit,
        decimalText(quantity),
        rate,
        decimalText(usd),
      ]),
      [
        ['seconds', '2.5', '0.05', '0.125'],
        ['outputs', '1', { usd: '1', per: 8 }, '0.125'],
      ]
    )
  })

  test('a count below zero is a fault, not a discount', ({ assert }) => {
    assert.throws(() => price({ flat: '1' }, { outputs: -1 }), /is not a count/)
    assert.throws(() => price({ perSecond: '1' }, { seconds: -0.5 }), /is not a count/)
  })
})
