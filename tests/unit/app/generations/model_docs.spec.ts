import { readFile } from 'node:fs/promises'
import { test } from '@japa/runner'
import type { PluginManifest } from '#core/plugins/define_plugin'
import { priceText } from '#core/prices/price_text'
import { modelDocs, sectionOf } from '#app/generations/model_docs'
import { acme } from '#tests/contracts/small_vendor/acme'
import plugins from '#config/plugins'

const written = await readFile(new URL('../../../../docs/models.md', import.meta.url), 'utf8')

test.group('docs/models.md', () => {
  for (const plugin of plugins as PluginManifest[]) {
    test(`says of ${plugin.id} what its manifest says; else: node ace models:docs`, ({
      assert,
    }) => {
      assert.include(written, sectionOf(plugin))
    })
  }

  test('says of a plugin whose models an operator lists where they are listed', ({ assert }) => {
    const modelsFrom = { variable: 'ACME_MODELS', read: () => [] }

    const said = sectionOf({ ...acme, env: ['ACME_MODELS'], models: [], modelsFrom })

    assert.include(said, 'Its models are those that the file of `ACME_MODELS` lists.')
    assert.notInclude(said, '| model |')
  })

  test('has a row for each model, its state and what to use instead', ({ assert }) => {
    const [model] = acme.models
    const lifecycle: typeof model.lifecycle = {
      state: 'deprecated',
      shutdownAt: '2027-01-31',
      replacement: 'acme/oils',
    }
    const price = { ...model.price, source: 'a forum; to be confirmed' }
    const said = modelDocs([{ ...acme, models: [{ ...model, lifecycle, price }] }])

    assert.include(
      said,
      '| `acme/painter` | image | deprecated, off on 2027-01-31; use `acme/oils` | $0.01 an output (?) | text | 1 |'
    )
    assert.include(said, 'Keys: `ACME_KEY`. No suite.')
  })

  test('tells a price in a line', ({ assert }) => {
    const table = {
      keys: ['quality'],
      rows: [[['high'], '0.2'] as [string[], string], [['low'], '0.03'] as [string[], string]],
    }
    const said = [
      priceText({ free: true }),
      priceText({ table }),
      priceText({ perSecond: { table } }),
      priceText({ perMegapixel: { out: '0.03', extraOut: '0.01', in: '0.01' } }),
      priceText({ perUnit: { unit: 'characters', of: 'text', rate: { usd: '0.2', per: 1000 } } }),
      priceText({ sum: [{ flat: '0.1' }, { perUnit: { unit: 'references', rate: '0.01' } }] }),
      priceText({ reported: { unit: 'credits', rates: [], otherwise: { flat: '0.04' } } }),
    ]

    assert.deepEqual(said, [
      'free',
      '$0.03 to $0.2 an output',
      '$0.03 to $0.2 a second',
      '$0.03 for the first megapixel, $0.01 for each further, $0.01 for each that goes in',
      '$0.2 per k characters',
      '$0.1 an output + $0.01 a reference',
      'as reported in credits; before, $0.04 an output',
    ])
  })
})
