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
      title: 'a limit of nothing',
      manifest: plugin({ limits: { rpm: 0 } }),
      says: /^Plugin "acme", field "limits.rpm": it must be a whole number above 0, or left out\.$/,
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
