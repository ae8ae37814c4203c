import { test } from '@japa/runner'
import type { ModelManifest } from '#core/plugins/define_plugin'
import { checkPrices } from '#core/prices/check_price'
import { PriceProblem } from '#core/prices/price_problem'

const properties = {
  prompt: { type: 'string' },
  quality: { type: 'string', enum: ['low', 'high'], default: 'low' },
  steps: { type: 'integer', minimum: 1, maximum: 3 },
  seed: { type: 'integer', minimum: 0, maximum: 1e9, default: 0 },
  audio: { type: 'boolean', default: true },
  duration: { type: 'integer', minimum: 1, maximum: 5, default: 2 },
  image: { type: 'string' },
}

const film = (rule: unknown, options: object = {}) =>
  ({
    parameters: { type: 'object', properties, required: ['prompt'], additionalProperties: false },
    secondsParameter: 'duration',
    geometry: { kind: 'aspect', param: 'ratio', pixels: 1e6, multipleOf: 8 },
    price: { version: '1', source: 'test', rule },
    ...options,
  }) as unknown as ModelManifest

function problemOf(model: ModelManifest): PriceProblem {
  try {
    checkPrices(model)
  } catch (error) {
    if (error instanceof PriceProblem) return error
    throw error
  }
  throw new Error('The price was taken.')
}

const table = (keys: unknown, rows: unknown) => ({ table: { keys, rows } })
const tokens = (rates: object, upper: object) => ({ perToken: { rates, upper } })
const reported = (options: object = {}) => ({
  reported: {
    unit: 'credits',
    rates: [{ version: '1', from: '2026-01-01T00:00:00Z', rate: '0.01' }],
    otherwise: { flat: '0.1' },
    ...options,
  },
})

const RIGHT: { title: string; rule: unknown }[] = [
  { title: 'free', rule: { free: true } },
  { title: 'flat by a table', rule: { flat: table(['quality'], [[['*'], '1']]) } },
  {
    title: 'a table of every value',
    rule: table(
      ['quality'],
      [
        [['low'], '1'],
        [['high'], '2'],
      ]
    ),
  },
  {
    title: 'a table of a number that may be missing',
    rule: table(
      ['steps'],
      [
        [[1], '1'],
        [[2], '2'],
        [[3], '3'],
        [[null], '1'],
      ]
    ),
  },
  {
    title: 'a table of a file',
    rule: table(
      ['has:image'],
      [
        [[true], '2'],
        [[false], '1'],
      ]
    ),
  },
  {
    title: 'seconds',
    rule: {
      perSecond: table(
        ['audio'],
        [
          [[true], '2'],
          [[false], '1'],
        ]
      ),
      wholeSeconds: true,
    },
  },
  {
    title: 'megapixels',
    rule: { perMegapixel: { out: '1', extraOut: '0.5', in: '0.1', wholeMegapixels: true } },
  },
  { title: 'frames', rule: { perMegapixelFrame: { rate: '1', fps: 24 } } },
  { title: 'characters', rule: { perUnit: { unit: 'characters', of: 'prompt', rate: '1' } } },
  {
    title: 'tokens',
    rule: tokens(
      { textIn: '1', videoOut: { usd: '2.5', per: 1_000_000 } },
      { textIn: { perByteOf: 'prompt' }, videoOut: { perPixelFrame: { fps: 24, per: 1024 } } }
    ),
  },
  {
    title: 'a sum of a maximum',
    rule: { sum: [{ flat: '1' }, { max: [{ flat: '2' }, { perSecond: '1' }] }] },
  },
  { title: 'reported', rule: reported() },
]

const WRONG: { title: string; rule: unknown; field: string; says?: RegExp }[] = [
  { title: 'nothing', rule: undefined, field: 'price.rule' },
  { title: 'no rule', rule: {}, field: 'price.rule', says: /it says no price/ },
  {
    title: 'two rules',
    rule: { flat: '1', perSecond: '1' },
    field: 'price.rule',
    says: /two rules/,
  },
  {
    title: 'an unknown rule',
    rule: { perWish: '1' },
    field: 'price.rule.perWish',
    says: /Known: free, flat/,
  },
  { title: 'an unknown field beside', rule: { flat: '1', usd: '1' }, field: 'price.rule.usd' },
  { title: 'free: false', rule: { free: false }, field: 'price.rule.free' },
  { title: 'a free part', rule: { sum: [{ free: true }] }, field: 'price.rule.sum.0.free' },
  { title: 'a rate as a number', rule: { flat: 0.3 }, field: 'price.rule.flat' },
  { title: 'a negative rate', rule: { flat: '-0.3' }, field: 'price.rule.flat' },
  { title: 'a rate in words', rule: { perSecond: 'ten' }, field: 'price.rule.perSecond' },
  { title: 'a rate beyond reason', rule: { flat: '100001' }, field: 'price.rule.flat' },
  {
    title: 'another currency',
    rule: { flat: { eur: '1', per: 1 } },
    field: 'price.rule.flat.eur',
    says: /Rates are in usd/,
  },
  { title: 'per nothing', rule: { flat: { usd: '1', per: 0 } }, field: 'price.rule.flat.per' },
  { title: 'per a part', rule: { flat: { usd: '1', per: 1.5 } }, field: 'price.rule.flat.per' },
  { title: 'a table without keys', rule: table([], []), field: 'price.rule.table.keys' },
  { title: 'a table without rows', rule: table(['quality'], []), field: 'price.rule.table.rows' },
  {
    title: 'a key that is none',
    rule: table(['size'], [[['*'], '1']]),
    field: 'price.rule.table.keys.0',
  },
  {
    title: 'a key that can say anything',
    rule: table(['prompt'], [[['*'], '1']]),
    field: 'price.rule.table.keys.0',
  },
  {
    title: 'a value that never is',
    rule: table(['quality'], [[['hd'], '1']]),
    field: 'price.rule.table.rows.0',
    says: /Known: low, high/,
  },
  {
    title: 'a row too short',
    rule: table(['quality', 'audio'], [[['low'], '1']]),
    field: 'price.rule.table.rows.0',
  },
  {
    title: 'a row that is missing',
    rule: table(['quality'], [[['low'], '1']]),
    field: 'price.rule.table.rows',
    says: /no row fits quality high/,
  },
  {
    title: 'a number nobody listed',
    rule: table(['seed'], [[[5], '1']]),
    field: 'price.rule.table.rows.0',
  },
  {
    title: 'a missing row of what may be missing',
    rule: table(
      ['steps'],
      [
        [[1], '1'],
        [[2], '1'],
        [[3], '1'],
      ]
    ),
    field: 'price.rule.table.rows',
    says: /steps null/,
  },
  {
    title: 'a wrong rate in a row',
    rule: table(['quality'], [[['*'], '-1']]),
    field: 'price.rule.table.rows.0.1',
  },
  {
    title: 'an unknown field in a table',
    rule: { table: { keys: ['quality'], rows: [[['*'], '1']], else: '1' } },
    field: 'price.rule.table.else',
  },
  {
    title: 'wholeSeconds: 1',
    rule: { perSecond: '1', wholeSeconds: 1 },
    field: 'price.rule.wholeSeconds',
  },
  {
    title: 'megapixels without out',
    rule: { perMegapixel: { in: '1' } },
    field: 'price.rule.perMegapixel.out',
  },
  {
    title: 'an unknown field of megapixels',
    rule: { perMegapixel: { out: '1', up: true } },
    field: 'price.rule.perMegapixel.up',
  },
  {
    title: 'frames of no speed',
    rule: { perMegapixelFrame: { rate: '1', fps: 0 } },
    field: 'price.rule.perMegapixelFrame.fps',
  },
  {
    title: 'an unknown unit',
    rule: { perUnit: { unit: 'wishes', rate: '1' } },
    field: 'price.rule.perUnit.unit',
  },
  {
    title: 'letters of nothing',
    rule: { perUnit: { unit: 'characters', of: 'lyrics', rate: '1' } },
    field: 'price.rule.perUnit.of',
  },
  {
    title: 'a kind of token that is none',
    rule: tokens({ smellOut: '1' }, {}),
    field: 'price.rule.perToken.rates.smellOut',
  },
  {
    title: 'tokens without a bound',
    rule: tokens({ textIn: '1' }, {}),
    field: 'price.rule.perToken.upper.textIn',
  },
  {
    title: 'a bound without a rate',
    rule: tokens({ textIn: '1' }, { textIn: { perCall: 1 }, imageOut: { perCall: 1 } }),
    field: 'price.rule.perToken.upper.imageOut',
  },
  {
    title: 'a bound that is a part',
    rule: tokens({ textIn: '1' }, { textIn: { perCall: 0.5 } }),
    field: 'price.rule.perToken.upper.textIn.perCall',
  },
  {
    title: 'two sorts of tokens apart',
    rule: {
      sum: [
        tokens({ textIn: '1' }, { textIn: { perCall: 1 } }),
        tokens({ imageOut: '1' }, { imageOut: { perCall: 1 } }),
      ],
    },
    field: 'price.rule',
    says: /"perToken" twice/,
  },
  { title: 'a sum of nothing', rule: { sum: [] }, field: 'price.rule.sum' },
  {
    title: 'a wrong part of a maximum',
    rule: { max: [{ flat: '1' }, { flat: '' }] },
    field: 'price.rule.max.1.flat',
  },
  { title: 'reported in no unit', rule: reported({ unit: '' }), field: 'price.rule.reported.unit' },
  {
    title: 'reported at no rate',
    rule: reported({ rates: [] }),
    field: 'price.rule.reported.rates',
  },
  {
    title: 'reported from no instant',
    rule: reported({ rates: [{ version: '1', from: '2026-01-01', rate: '1' }] }),
    field: 'price.rule.reported.rates.0.from',
  },
  {
    title: 'reported without another rule',
    rule: reported({ otherwise: undefined }),
    field: 'price.rule.reported.otherwise',
  },
  {
    title: 'reported twice',
    rule: reported({ otherwise: reported() }),
    field: 'price.rule.reported.otherwise.reported',
  },
]

test.group('The prices of a manifest', () => {
  test('{title} is right')
    .with(RIGHT)
    .run(({ assert }, { rule }) => {
      assert.doesNotThrow(() => checkPrices(film(rule)))
    })

  test('{title} is refused at {field}')
    .with(WRONG)
    .run(({ assert }, { rule, field, says }) => {
      const problem = problemOf(film(rule))

      assert.equal(problem.field, field)
      assert.match(problem.mend, says ?? /\.$/)
    })

  test('what cannot be known before the work is refused', ({ assert }) => {
    const still = { secondsParameter: undefined }
    const shapeless = { geometry: undefined }

    assert.match(problemOf(film({ perSecond: '1' }, still)).mend, /no secondsParameter/)
    assert.match(problemOf(film({ perMegapixel: { out: '1' } }, shapeless)).mend, /no geometry/)
    assert.match(
      problemOf(film({ perMegapixelFrame: { rate: '1', fps: 9 } }, still)).mend,
      /no secondsParameter/
    )
  })

  test('a price needs a version and a source', ({ assert }) => {
    const rule = { flat: '1' }
    const of = (price: object) => problemOf(film(rule, { price: { rule, ...price } })).field

    assert.equal(of({ source: 'test' }), 'price.version')
    assert.equal(of({ version: '1@2', source: 'test' }), 'price.version')
    assert.equal(of({ version: '1', source: ' ' }), 'price.source')
    assert.equal(of({ version: '1', source: 'test', currency: 'EUR' }), 'price.currency')
  })

  test('changes come in order of time, each as right as the first price', ({ assert }) => {
    const change = (effectiveFrom: unknown, rule: unknown = { flat: '2' }) => ({
      version: '2',
      source: 'test',
      rule,
      effectiveFrom,
    })
    const of = (...priceChanges: unknown[]) =>
      problemOf(film({ flat: '1' }, { priceChanges })).field
    const right = change('2027-01-01T00:00:00Z')

    assert.doesNotThrow(() => checkPrices(film({ flat: '1' }, { priceChanges: [right] })))
    assert.equal(of(change('2027-01-01')), 'priceChanges.0.effectiveFrom')
    assert.equal(of(right, change('2026-01-01T00:00:00Z')), 'priceChanges.1.effectiveFrom')
    assert.equal(of(right, change('2027-02-01T00:00:00Z', {})), 'priceChanges.1.rule')
  })
})
