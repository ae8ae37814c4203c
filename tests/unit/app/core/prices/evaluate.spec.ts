import { test } from '@japa/runner'
import { evaluate } from '#core/prices/evaluate'
import type { PriceRule, Quantities } from '#core/prices/price_rule'
import { decimal } from '#core/prices/rational'

const NOTHING: Quantities = { outputs: 0, pixelsOut: 0, pixelsIn: 0, seconds: 0 }

const price = (rule: PriceRule, quantities: Partial<Quantities>) =>
  evaluate(rule, { quantities: { ...NOTHING, ...quantities } }).cost.toString()

/** Numbers that look random and are the same in each run (xorshift). */
function* numbers(seed: number) {
  for (let state = seed; ;) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    yield state >>> 0
  }
}

/** What ⌈rate × count / (per × unit) × 10⁶⌉ is, with nothing but whole numbers: the rate has 6 decimals. */
function expected(terms: { rateMicro: bigint; count: bigint; per: bigint }[]): bigint {
  const common = terms.reduce((product, { per }) => product * per, 1n)
  const sum = terms.reduce(
    (total, { rateMicro, count, per }) => total + rateMicro * count * (common / per),
    0n
  )
  return (sum + common - 1n) / common
}

test.group('Evaluating price rules', () => {
  test('a flat price counts outputs', ({ assert }) => {
    assert.equal(price({ flat: '0.04' }, { outputs: 3 }), '0.12')
  })

  test('a free model costs nothing, whatever it made', ({ assert }) => {
    assert.equal(price({ free: true }, { outputs: 9, pixelsOut: 1e9, seconds: 60 }), '0')
  })

  test('a price a second counts seconds and their parts', ({ assert }) => {
    assert.equal(price({ perSecond: '0.05' }, { seconds: 5 }), '0.25')
    assert.equal(price({ perSecond: '1' }, { seconds: 2.007 }), '2.007')
    assert.equal(price({ perSecond: '1' }, { seconds: 0.000123 }), '0.000123')
    assert.equal(price({ perSecond: '1' }, { seconds: 0.1 + 0.2 }), '0.3')
  })

  test('every thousandth of a second up to a minute is priced exactly', ({ assert }) => {
    for (let thousandths = 1; thousandths <= 60_000; thousandths++) {
      const quantities = { ...NOTHING, seconds: thousandths / 1000 }
      const { micro } = evaluate({ perSecond: '1' }, { quantities }).cost
      if (micro !== BigInt(thousandths) * 1000n) assert.fail(`${thousandths} ms cost ${micro}`)
    }
  })

  test('a price a megapixel counts what comes out and what goes in', ({ assert }) => {
    const rule: PriceRule = { perMegapixel: { out: '0.03', in: '0.003' } }

    assert.equal(price(rule, { outputs: 1, pixelsOut: 1_048_576 }), '0.031458')
    assert.equal(price(rule, { outputs: 1, pixelsOut: 1e6, pixelsIn: 2e6 }), '0.036')
    assert.equal(price({ perMegapixel: { out: '0.03' } }, { pixelsIn: 5e6 }), '0')
  })

  test('a rate may be for many units', ({ assert }) => {
    assert.equal(price({ flat: { usd: '0.30', per: 1_000_000 } }, { outputs: 1_000_000 }), '0.3')
    assert.equal(price({ flat: { usd: '0.30', per: 1_000_000 } }, { outputs: 1 }), '0.000001')
  })

  test('a sum is rounded up once, not in each part', ({ assert }) => {
    const tenth: PriceRule = { flat: '0.0000001' }

    assert.equal(price(tenth, { outputs: 1 }), '0.000001')
    assert.equal(price({ sum: Array(10).fill(tenth) }, { outputs: 1 }), '0.000001')
    assert.equal(price({ sum: Array(11).fill(tenth) }, { outputs: 1 }), '0.000002')
    assert.equal(price({ sum: [] }, { outputs: 1 }), '0')
  })

  test('rounding goes up, and only where there is something to round', ({ assert }) => {
    const third: PriceRule = { flat: { usd: '1', per: 3 } }

    assert.equal(price(third, { outputs: 1 }), '0.333334')
    assert.equal(price(third, { outputs: 2 }), '0.666667')
    assert.equal(price(third, { outputs: 3 }), '1')
  })

  test('four thousand rules cost what whole numbers say they cost', ({ assert }) => {
    const next = numbers(20261122)
    const upTo = (limit: number) => next.next().value! % limit
    for (let round = 0; round < 4000; round++) {
      const terms = [1, 2, 3].map(() => {
        const [rate, per, count] = [upTo(3_000_000), 1 + upTo(1_000_000), upTo(40_000_000)]
        return { rate, per, count }
      })
      const [flat, seconds, pixels] = terms
      const usd = ({ rate, per }: (typeof terms)[number]) => ({
        usd: `${Math.trunc(rate / 1e6)}.${String(rate % 1e6).padStart(6, '0')}`,
        per,
      })
      const rule: PriceRule = {
        sum: [
          { flat: usd(flat) },
          { perSecond: usd(seconds) },
          { sum: [{ perMegapixel: { out: usd(pixels) } }] },
        ],
      }

      const quantities = {
        outputs: flat.count,
        seconds: seconds.count,
        pixelsOut: pixels.count,
        pixelsIn: 0,
      }
      const { micro } = evaluate(rule, { quantities }).cost

      const term = ({ rate, per, count }: (typeof terms)[number], unit = 1) => ({
        rateMicro: BigInt(rate),
        count: BigInt(count),
        per: BigInt(per) * BigInt(unit),
      })
      const right = expected([term(flat), term(seconds), term(pixels, 1_000_000)])
      if (micro !== right) assert.fail(`round ${round}: ${micro} instead of ${right}`)
    }
  })

  test('"{$self}" is not a rate')
    .with(['', '-1', '1.', '.5', '1e3', '1,5', 'NaN', '0.1.2'])
    .run(({ assert }, text) => {
      assert.throws(() => decimal(text), `"${text}" is not a rate. Write a decimal such as "0.03".`)
    })

  test('a count that is no number is a fault, not a price', ({ assert }) => {
    for (const outputs of [Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => price({ flat: '1' }, { outputs }))
    }
  })
})
