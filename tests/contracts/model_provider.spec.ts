import { access, readFile } from 'node:fs/promises'
import { test } from '@japa/runner'
import type { PluginManifest } from '#core/plugins/define_plugin'
import type { ProviderAnswer, ProviderCall } from '#core/plugins/model_provider'
import type { VendorHttp } from '#core/plugins/vendor_http'
import plugins from '#config/plugins'
import { proveHonesty } from '#tests/contracts/model_provider/honesty'
import { vendorStand } from '#tests/contracts/model_provider/vendor_stand'
import { acme, AcmeProvider, FakeAcme } from '#tests/contracts/small_vendor/acme'
import { vendorPluginSuite } from '#tests/contracts/vendor_plugin'
import { picture } from '#tests/fakes/vendor/media'

/** The suite against a vendor of its own, so that it is proven whatever plugins are on. */
vendorPluginSuite(acme, {
  Fake: FakeAcme,
  models: {
    painter: {
      lengthy: { input: { prompt: 'a boat slow:300ms' } },
      wire: [
        {
          input: { prompt: 'a boat' },
          sends: { path: '/v1/paintings', json: { prompt: 'a boat' } },
        },
      ],
      illegal: [{ input: { prompt: '' }, param: '/prompt', says: /fewer than 1/ }],
    },
  },
  troubles: { moderation: 'blocked_input' },
  plays: [],
})

/** Says that it is done, and has asked nobody. */
class Inventor extends AcmeProvider {
  async submit(): Promise<ProviderAnswer> {
    const bytes = await picture({ width: 32, height: 32 })
    return { status: 'done', outputs: [{ bytes, contentType: 'image/png' }], raw: {} }
  }
}

/** Asks, and delivers something else. */
class Forger extends AcmeProvider {
  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const answer = await super.poll(call, handle)
    if (answer.status === 'pending') return answer
    const bytes = await picture({ width: 32, height: 32 }, 'png', 999)
    return { ...answer, outputs: [{ bytes, contentType: 'image/png' }] }
  }
}

/** Takes an empty work for a done one. */
class Optimist extends AcmeProvider {
  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const answer = await super.poll(call, handle)
    return answer.status === 'pending' ? answer : { ...answer, outputs: [] }
  }
}

/** Submits again when in doubt. */
class Stutterer extends AcmeProvider {
  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    await super.submit(call)
    return super.submit(call)
  }
}

test.group('The contract suite', (group) => {
  const fake = new FakeAcme()
  vendorStand(acme, fake).setup(group)

  test('finds a plugin out that {title}')
    .with([
      { title: 'fakes success', Liar: Inventor, says: 'asked 0 times for one order' },
      { title: 'delivers something else', Liar: Forger, says: 'never made output 1' },
      { title: 'calls nothing a success', Liar: Optimist, says: 'Nothing was delivered' },
      { title: 'submits twice', Liar: Stutterer, says: 'asked 2 times for one order' },
    ])
    .run(async ({ assert }, { Liar, says }) => {
      const plugin: PluginManifest = {
        ...acme,
        provider: ({ http }: { http: VendorHttp }) => new Liar(http),
      }
      const station = vendorStand(plugin, fake).open()

      await assert.rejects(
        () => proveHonesty(station, fake, { model: acme.models[0] }),
        new RegExp(says)
      )
    })

  test('is run by every plugin that is on, each with a fake of its vendor and a README', async ({
    assert,
  }) => {
    for (const { id, hosts, models } of plugins as PluginManifest[]) {
      const folder = new URL(`../../plugins/${id}/`, import.meta.url)
      const spec = await readFile(new URL('tests/contract.spec.ts', folder), 'utf8')
      const suite = hosts ? 'vendorPluginSuite(plugin,' : 'modelProviderSuite(plugin,'
      assert.include(spec, suite, `${id} does not run it`)
      if (!hosts) continue
      await assert.doesNotReject(() => access(new URL('tests/fake.ts', folder)))
      const readme = await readFile(new URL('README.md', folder), 'utf8')
      for (const model of models) assert.include(readme, model.id, `${id}: README.md`)
    }
  })
})
