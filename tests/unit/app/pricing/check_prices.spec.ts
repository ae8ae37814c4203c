import { test } from '@japa/runner'
import type { ModelManifest } from '#core/plugins/define_plugin'
import { ModelProvider, type ProviderAnswer } from '#core/plugins/model_provider'
import { PluginRegistry } from '#core/plugins/registry'
import type { PriceArchive } from '#core/prices/price_archive'
import { PriceBook } from '#core/prices/price_book'
import { readConfiguredBook, type BookPage } from '#core/prices/read_book_page'
import { CheckPrices } from '#app/pricing/actions/check_prices'
import { legalOrders } from '#app/pricing/legal_inputs'
import { PLAIN_TOOLS } from '#tests/plain_tools'

class NoProvider extends ModelProvider {
  async submit(): Promise<ProviderAnswer> {
    return { status: 'done', outputs: [], raw: null }
  }

  classify() {
    return { class: 'internal', message: 'It broke.' } as const
  }

  usage() {
    return { outputs: 0 }
  }
}

const painter = (options: Partial<ModelManifest> = {}): ModelManifest => ({
  id: 'painter',
  title: 'Painter',
  description: 'Paints.',
  kind: 'image',
  lifecycle: { state: 'active' },
  capabilities: { cancel: false, maxOutputs: 4 },
  parameters: {
    type: 'object',
    properties: {
      prompt: { type: 'string', minLength: 1, maxLength: 100 },
      quality: { type: 'string', enum: ['low', 'mid', 'high'], default: 'low' },
      n: { type: 'integer', minimum: 1, maximum: 4, default: 1 },
      tile: { type: 'boolean', default: false },
    },
    required: ['prompt'],
    additionalProperties: false,
  },
  references: {},
  outputsParameter: 'n',
  execution: { shape: 'sync', deadlineMs: 1000, maxAttempts: 1 },
  price: { version: '1', source: 'made up', rule: { flat: '0.01' } },
  output: { mime: ['image/png'] },
  example: { prompt: 'a lake' },
  ...options,
})

const PAGE: BookPage = { version: 'a', target: '*', markup: '1', usdPerCredit: '1' }

function check(model: ModelManifest, page: Partial<BookPage> = {}) {
  const registry = new PluginRegistry({
    plugins: [
      {
        id: 'acme',
        title: 'Acme',
        core: '^1',
        env: [],
        models: [model],
        provider: () => new NoProvider(),
      },
    ],
    environment: {},
    production: false,
    enabled: [],
    ...PLAIN_TOOLS,
  })
  const book = new PriceBook(readConfiguredBook([{ ...PAGE, ...page }]))
  const [checked] = new CheckPrices(registry, { book } as PriceArchive).handle()
  return checked
}

test.group('Checking prices', () => {
  test('tells the range of what a model costs', ({ assert }) => {
    const { failure, lowest, highest, orders } = check(painter())

    assert.isNull(failure)
    assert.equal(lowest!.toString(), '0.01')
    assert.equal(highest!.toString(), '0.04')
    assert.isAbove(orders, 100)
  })

  test('finds the one choice that costs nothing, and names it', ({ assert }) => {
    const rule = {
      table: {
        keys: ['quality', 'tile'],
        rows: [
          [['mid', true], '0'] as [(string | boolean)[], string],
          [['*', '*'], '0.01'] as [(string | boolean)[], string],
        ],
      },
    }
    const { failure } = check(painter({ price: { version: '1', source: 'test', rule } }))

    assert.containSubset(failure, {
      reason: 'the vendor’s price is 0',
      input: { quality: 'mid', tile: true },
    })
  })

  test('finds a user’s price that is rounded to nothing', ({ assert }) => {
    const { failure } = check(painter(), { rounding: { to: '1', mode: 'nearest' } })

    assert.equal(failure!.reason, 'the user’s price is 0')
  })

  test('finds a price that cannot be told', ({ assert }) => {
    const { failure } = check(
      painter({
        secondsParameter: 'quality',
        price: { version: '1', source: 'test', rule: { perSecond: '1' } },
      })
    )

    assert.match(failure!.reason, /NaN is not a count/)
  })

  test('lets a model be free that says so, and only then', ({ assert }) => {
    const free = { version: '1', source: 'test', rule: { free: true as const } }

    const checked = check(painter({ price: free }))

    assert.isTrue(checked.isFree)
    assert.isNull(checked.failure)
    assert.equal(checked.highest!.toString(), '0')
  })
})

test.group('What a model can be asked for', () => {
  const orders = (model: ModelManifest, limit = 500, seed = 1) => [
    ...legalOrders(model, { seed, limit }),
  ]

  test('is every combination of choices and bounds', ({ assert }) => {
    const seen = orders(painter())

    for (const quality of ['low', 'mid', 'high']) {
      for (const n of [1, 4]) {
        const found = seen.filter(({ input }) => input.quality === quality && input.n === n)
        assert.includeMembers(
          found.map(({ input }) => input.tile),
          [true, false]
        )
      }
    }
  })

  test('is the same for the same seed, and every value where there is too much', ({ assert }) => {
    const wide = painter()

    assert.deepEqual(orders(wide, 20, 7), orders(wide, 20, 7))
    assert.notDeepEqual(orders(wide, 20, 7), orders(wide, 20, 8))
    const qualities = new Set(orders(wide, 1).map(({ input }) => input.quality))
    assert.sameMembers([...qualities], ['low', 'mid', 'high'])
  })

  test('leaves out what the schema forbids together', ({ assert }) => {
    const model = painter()
    const rule = {
      if: { properties: { quality: { const: 'high' } } },
      then: { properties: { n: { const: 1 } } },
    }
    Object.assign(model.parameters, { allOf: [rule] })

    const high = orders(model).filter(({ input }) => input.quality === 'high')

    assert.isNotEmpty(high)
    assert.isTrue(high.every(({ input }) => input.n === 1))
  })

  test('has files from a dot to the largest that is taken', ({ assert }) => {
    const model = painter({
      references: { image: { mime: ['image/png'], maxMegapixels: 4, maxBytes: 1 } },
    })
    model.parameters.properties.image = { type: 'string' }

    const sizes = orders(model).flatMap(({ references }) => Object.values(references))

    const pixels = sizes.map(({ width, height }) => width * height)
    assert.equal(Math.min(...pixels), 1)
    assert.equal(Math.max(...pixels), 4_000_000)
    assert.isTrue(orders(model).some(({ references }) => !('image' in references)))
  })
})
