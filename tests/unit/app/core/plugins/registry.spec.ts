import { test } from '@japa/runner'
import type { ModelManifest, PluginManifest } from '#core/plugins/define_plugin'
import { ModelProvider, type ProviderAnswer, type Usage } from '#core/plugins/model_provider'
import { PluginRegistry } from '#core/plugins/registry'
import { PLAIN_TOOLS } from '#tests/plain_tools'

class FakeProvider extends ModelProvider {
  closed = false

  constructor(readonly secrets: Record<string, string>) {
    super()
  }

  async submit(): Promise<ProviderAnswer> {
    return { status: 'done', outputs: [], raw: null }
  }

  classify() {
    return { class: 'internal', message: 'It broke.' } as const
  }

  usage(): Usage {
    return { outputs: 0 }
  }

  async close() {
    this.closed = true
  }
}

const model = (options: Partial<ModelManifest> = {}): ModelManifest => ({
  id: 'painter',
  title: 'Painter',
  description: 'Paints.',
  kind: 'image',
  lifecycle: { state: 'active' },
  capabilities: { cancel: false, maxOutputs: 1 },
  parameters: {
    type: 'object',
    properties: { prompt: { type: 'string' }, n: { type: 'integer' } },
    additionalProperties: false,
  },
  references: {},
  execution: { shape: 'sync', deadlineMs: 1000, maxAttempts: 1 },
  price: { version: '1', source: 'made up', rule: { free: true } },
  output: { mime: ['image/png'] },
  example: {},
  ...options,
})

const FILE = { mime: ['image/png'], maxMegapixels: 1, maxBytes: 1 }

const withParameters = (
  properties: ModelManifest['parameters']['properties'],
  required?: string[]
): ModelManifest =>
  model({ parameters: { type: 'object', properties, required, additionalProperties: false } })

const plugin = (options: Partial<PluginManifest> = {}): PluginManifest => ({
  id: 'acme',
  title: 'Acme',
  core: '^1',
  env: [],
  models: [model()],
  provider: ({ secrets }) => new FakeProvider(secrets),
  ...options,
})

const registry = (
  plugins: PluginManifest[],
  options: { production?: boolean; enabled?: string[]; environment?: Record<string, string> } = {}
) =>
  new PluginRegistry({
    plugins,
    environment: options.environment ?? {},
    production: options.production ?? false,
    enabled: options.enabled ?? [],
    ...PLAIN_TOOLS,
  })

test.group('Plugin registry', () => {
  test('a plugin has what its operator lists, once the file is named', ({ assert }) => {
    const read = (path: string) => [model({ id: path.replace('.json', '') })]
    const listing = plugin({
      env: ['ACME_MODELS'],
      models: [],
      modelsFrom: { variable: 'ACME_MODELS', read },
    })

    const [before] = registry([listing]).plugins
    const [after] = registry([listing], { environment: { ACME_MODELS: 'brush.json' } }).plugins

    assert.deepEqual([before.state, before.missing], ['unconfigured', ['ACME_MODELS']])
    assert.deepEqual(
      after.models.map(({ name }) => name),
      ['acme/brush']
    )
  })

  test('a model is named by its provider and itself, in the order of the configuration', ({
    assert,
  }) => {
    const one = plugin({ models: [model({ id: 'b' }), model({ id: 'a' })] })
    const { models, find } = bound(registry([one, plugin({ id: 'zeta' })]))

    assert.deepEqual(
      models().map(({ name }) => name),
      ['acme/b', 'acme/a', 'zeta/painter']
    )
    assert.deepInclude(find('acme/a'), { id: 'a', provider: 'acme', name: 'acme/a' })
    assert.isNull(find('a'))
    assert.isNull(find('acme/c'))
  })

  const wrong: { title: string; manifest: PluginManifest; says: RegExp }[] = [
    {
      title: 'an id with a capital',
      manifest: plugin({ id: 'Acme' }),
      says: /^Plugin "Acme", field "id": use lower-case/,
    },
    {
      title: 'a range of another core',
      manifest: plugin({ core: '^2' }),
      says: /^Plugin "acme", field "core": "\^2" does not fit this kernel; it needs "\^1"\.$/,
    },
    {
      title: 'a key that is none of its secrets',
      manifest: plugin({ env: ['ACME_KEY'], auth: { kind: 'bearer', secret: 'ACME_TOKEN' } }),
      says: /^Plugin "acme", field "auth": "ACME_TOKEN" is not one of its secrets\. Add it to "env"\.$/,
    },
    {
      title: 'a reference that is no parameter',
      manifest: plugin({
        models: [model({ references: { image: { mime: [], maxMegapixels: 1, maxBytes: 1 } } })],
      }),
      says: /^Plugin "acme", field "models\.painter": "image" is not one of its parameters\./,
    },
    {
      title: 'a number of outputs that is no parameter',
      manifest: plugin({ models: [model({ outputsParameter: 'count' })] }),
      says: /field "models\.painter": "count" is not/,
    },
    {
      title: 'a length that is no parameter',
      manifest: plugin({ models: [model({ secondsParameter: 'duration' })] }),
      says: /field "models\.painter": "duration" is not/,
    },
    {
      title: 'a variable that is none',
      manifest: plugin({ env: ['acme-key'] }),
      says: /^Plugin "acme", field "env": "acme-key" names no variable\. Use capitals/,
    },
    {
      title: 'a variable that is needed and optional',
      manifest: plugin({ env: ['ACME_KEY'], optionalEnv: ['ACME_KEY'] }),
      says: /field "env": "ACME_KEY" is there twice\. Remove one\.$/,
    },
    {
      title: 'a host with a path',
      manifest: plugin({ hosts: { api: ['api.acme.com/v1'], assets: [] } }),
      says: /field "hosts\.api": "api\.acme\.com\/v1" is no host\. Write "api\.example\.com"/,
    },
    {
      title: 'a plugin without models',
      manifest: plugin({ models: [] }),
      says: /field "models": it has none\. Add one\.$/,
    },
    {
      title: 'models from a file that no variable names',
      manifest: plugin({ models: [], modelsFrom: { variable: 'ACME_MODELS', read: () => [] } }),
      says: /field "modelsFrom\.variable": "ACME_MODELS" is not one of its variables\. Add it to "env"\.$/,
    },
    {
      title: 'a model that is named as no URL can be',
      manifest: plugin({ models: [model({ id: 'Big Painter' })] }),
      says: /field "models\.Big Painter\.id": use lower-case letters/,
    },
    {
      title: 'a schema that takes any field',
      manifest: plugin({
        models: [model({ parameters: { type: 'object', properties: {} } as never })],
      }),
      says: /field "models\.painter\.parameters\.additionalProperties": write false/,
    },
    {
      title: 'a required parameter that is not there',
      manifest: plugin({ models: [withParameters({ n: { type: 'integer' } }, ['prompt'])] }),
      says: /field "models\.painter\.parameters\.required": "prompt" is not one of its parameters\.$/,
    },
    {
      title: 'a keyword that is misspelt',
      manifest: plugin({ models: [withParameters({ n: { type: 'integer', maximun: 4 } })] }),
      says: /field "models\.painter\.parameters\.properties\.n\.maximun": there is no such keyword/,
    },
    {
      title: 'a type that is none',
      manifest: plugin({ models: [withParameters({ n: { type: 'int' } })] }),
      says: /parameters\.properties\.n\.type": it is one of string, integer/,
    },
    {
      title: 'a default that the schema refuses',
      manifest: plugin({
        models: [withParameters({ n: { type: 'integer', maximum: 4, default: 5 } })],
      }),
      says: /parameters\.properties\.n\.default": 5 is none of its own values\.$/,
    },
    {
      title: 'bounds that cross',
      manifest: plugin({
        models: [withParameters({ n: { type: 'integer', minimum: 4, maximum: 1 } })],
      }),
      says: /parameters\.properties\.n\.minimum": it is above "maximum"\.$/,
    },
    {
      title: 'a pattern that is none',
      manifest: plugin({ models: [withParameters({ n: { type: 'string', pattern: '(' } })] }),
      says: /parameters\.properties\.n\.pattern": it is no regular expression\.$/,
    },
    {
      title: 'a rule about no parameter',
      manifest: plugin({
        models: [
          model({ rules: [{ when: { n: [1] }, then: { tone: ['dark'] }, say: 'So it is.' }] }),
        ],
      }),
      says: /field "models\.painter": "tone" is not one of its parameters\./,
    },
    {
      title: 'a list of files without an end',
      manifest: plugin({
        models: [
          model({
            ...withParameters({ images: { type: 'array', items: { type: 'string' } } }),
            references: { images: FILE },
          }),
        ],
      }),
      says: /parameters\.properties\.images\.maxItems": say how many files it takes at most\.$/,
    },
    {
      title: 'a file that is a number',
      manifest: plugin({ models: [model({ references: { n: FILE } })] }),
      says: /field "models\.painter\.references\.n": it is a file: make its parameter a string/,
    },
    {
      title: 'a mask that is laid on nothing',
      manifest: plugin({
        models: [model({ references: { prompt: { ...FILE, sameSizeAs: 'n' } } })],
      }),
      says: /references\.prompt\.sameSizeAs": "n" is none of its files\.$/,
    },
    {
      title: 'a size that is told from what can be missing',
      manifest: plugin({
        models: [model({ geometry: { kind: 'size', param: 'prompt', bounds: {} } })],
      }),
      says: /field "models\.painter\.geometry": "prompt" can be missing\. Require it/,
    },
    {
      title: 'a table without a size for a combination',
      manifest: plugin({
        models: [
          model({
            ...withParameters({ tier: { type: 'string', enum: ['1K', '2K'], default: '1K' } }),
            geometry: { kind: 'table', by: ['tier'], sizes: { '1K': '1024x1024' } },
          }),
        ],
      }),
      says: /field "models\.painter\.geometry": it has no size for "2K"\./,
    },
    {
      title: 'a shutdown that is no day',
      manifest: plugin({
        models: [model({ lifecycle: { state: 'active', shutdownAt: 'next May' } })],
      }),
      says: /field "models\.painter\.lifecycle\.shutdownAt": write a day/,
    },
    {
      title: 'a replacement of its own that is not there',
      manifest: plugin({
        models: [model({ lifecycle: { state: 'deprecated', replacement: 'acme/drawer' } })],
      }),
      says: /lifecycle\.replacement": acme\/drawer is none of its models\. Name one of them\.$/,
    },
    {
      title: 'a link that lives nobody knows how long',
      manifest: plugin({ models: [model({ output: { mime: ['image/png'], transport: 'url' } })] }),
      says: /field "models\.painter\.output\.ttlSeconds": say how long its links live\.$/,
    },
    {
      title: 'a deadline of nothing',
      manifest: plugin({
        models: [model({ execution: { shape: 'sync', deadlineMs: 0, maxAttempts: 1 } })],
      }),
      says: /field "models\.painter\.execution\.deadlineMs": write a whole number above zero\.$/,
    },
    {
      title: 'a price that counts what is not known',
      manifest: plugin({
        models: [
          model({ price: { version: '1', source: 'made up', rule: { perSecond: '0.10' } } }),
        ],
      }),
      says: /field "models\.painter\.price\.rule\.perSecond": the model has no secondsParameter/,
    },
    {
      title: 'two models of one name',
      manifest: plugin({ models: [model(), model()] }),
      says: /^Plugin "acme", field "models": acme\/painter is declared twice\. Rename one\.$/,
    },
  ]
  test('{title} stops the boot with a sentence that names plugin and field')
    .with(wrong)
    .run(({ assert }, { manifest, says }) => {
      assert.throws(() => registry([manifest]), says)
    })

  test('a plugin whose secret is missing or empty is there, says so, and has no models', ({
    assert,
  }) => {
    const manifest = plugin({ env: ['ACME_KEY', 'ACME_REGION'] })

    const without = registry([manifest], { environment: { ACME_KEY: '', ACME_REGION: 'eu' } })
    const complete = registry([manifest], { environment: { ACME_KEY: 'k', ACME_REGION: 'eu' } })

    assert.deepInclude(without.plugins[0], { state: 'unconfigured', missing: ['ACME_KEY'] })
    assert.deepEqual(without.models(), [])
    assert.deepInclude(complete.plugins[0], { state: 'on', missing: [] })
    assert.lengthOf(complete.models(), 1)
  })

  test('a key is read without what a paste left around it, and one that can be none stops the boot', ({
    assert,
  }) => {
    const manifest = plugin({ env: ['ACME_KEY'] })
    const stateOf = (key: string) =>
      registry([manifest], { environment: { ACME_KEY: key } }).plugins[0].state

    assert.equal(stateOf(' \n'), 'unconfigured')
    assert.equal(stateOf('sk-1\n'), 'on')
    for (const key of ['sk-1\nX-Other: 1', 'sk 1', 'sk-ключ']) {
      assert.throws(() => stateOf(key), /"acme".*"ACME_KEY".*Paste it alone/)
    }
  })

  test('a plugin for trying is for test accounts only in production, unless it is enabled by name', ({
    assert,
  }) => {
    const manifest = plugin({ onlyForTrying: true })
    const stateOf = (options: Parameters<typeof registry>[1]) => {
      const { plugins, models } = bound(registry([manifest], options))
      return [
        plugins[0].state,
        models()
          .map(({ audience }) => audience)
          .join(),
      ]
    }

    assert.deepEqual(stateOf({ production: true }), ['test_only', 'test'])
    assert.deepEqual(stateOf({ production: true, enabled: ['other'] }), ['test_only', 'test'])
    assert.deepEqual(stateOf({ production: true, enabled: ['other', 'acme'] }), ['on', 'both'])
    assert.deepEqual(stateOf({ production: false }), ['on', 'both'])
  })

  test('a real plugin is for live accounts only, and the nearest names are of what is open', ({
    assert,
  }) => {
    const toy = plugin({ id: 'toy', onlyForTrying: true })
    const all = registry([plugin(), toy], { production: true })

    assert.equal(all.find('acme/painter')!.audience, 'live')
    assert.deepEqual(
      all.nearest('toy/paint', ({ audience }) => audience === 'live'),
      ['acme/painter']
    )
  })

  test('a wrong name is met with the three that are nearest', ({ assert }) => {
    const ids = ['painter', 'painter-2', 'sketcher', 'upscaler', 'pointer']
    const { nearest } = bound(registry([plugin({ models: ids.map((id) => model({ id })) })]))

    assert.deepEqual(nearest('acme/pianter'), ['acme/painter', 'acme/pointer', 'acme/painter-2'])
    assert.equal(nearest('ACME/SKETCHER')[0], 'acme/sketcher')
    assert.deepEqual(bound(registry([])).nearest('x'), [])
  })

  test('a provider is made when it is first needed, once, with its own secrets only', ({
    assert,
  }) => {
    let made = 0
    const manifest = plugin({
      env: ['ACME_KEY'],
      models: [model({ id: 'a' }), model({ id: 'b' })],
      provider({ secrets }) {
        made++
        return new FakeProvider(secrets)
      },
    })
    const all = registry([manifest], { environment: { ACME_KEY: 'k', OTHER_KEY: 'x' } })
    assert.equal(made, 0)

    const one = all.provider(all.find('acme/a')!)
    const other = all.provider(all.find('acme/b')!)

    assert.equal(made, 1)
    assert.strictEqual(one, other)
    assert.deepEqual((one as FakeProvider).secrets, { ACME_KEY: 'k' })
  })

  test('a secret that is optional reaches the provider where it is set', ({ assert }) => {
    const manifest = plugin({ env: ['ACME_KEY'], optionalEnv: ['ACME_HOOK', 'ACME_REGION'] })
    const all = registry([manifest], { environment: { ACME_KEY: 'k', ACME_HOOK: 'h' } })

    assert.equal(all.plugins[0].state, 'on')
    const { secrets } = all.provider(all.find('acme/painter')!) as FakeProvider
    assert.deepEqual(secrets, { ACME_KEY: 'k', ACME_HOOK: 'h' })
  })

  test('a model is deprecated once its end is announced, and retired when it comes', ({
    assert,
  }) => {
    const ends = { state: 'active', shutdownAt: '2026-12-01', replacement: 'acme/b' } as const
    const manifest = plugin({ models: [model({ id: 'a', lifecycle: ends }), model({ id: 'b' })] })
    const stateAt = (now: string) => {
      const tools = { ...PLAIN_TOOLS.tools, now: () => new Date(now) }
      const all = new PluginRegistry({
        ...{ plugins: [manifest], environment: {}, production: false, enabled: [] },
        ...PLAIN_TOOLS,
        tools,
      })
      return all.lifecycle(all.find('acme/a')!)
    }

    assert.deepEqual(stateAt('2026-11-30T23:59:59Z'), { ...ends, state: 'deprecated' })
    assert.deepEqual(stateAt('2026-12-01T00:00:00Z'), { ...ends, state: 'retired' })
    assert.equal(registry([manifest]).lifecycle(model()).state, 'active')
  })

  test('closing closes the providers that were made, and a later need makes a new one', async ({
    assert,
  }) => {
    const all = registry([plugin()])
    const first = all.provider(all.find('acme/painter')!) as FakeProvider

    await all.close()

    assert.isTrue(first.closed)
    assert.notStrictEqual(all.provider(all.find('acme/painter')!), first)
  })
})

/** The parts of a registry that tests take out of it. */
function bound(all: PluginRegistry) {
  return {
    plugins: all.plugins,
    models: () => all.models(),
    find: (name: string) => all.find(name),
    nearest: (name: string) => all.nearest(name),
  }
}
