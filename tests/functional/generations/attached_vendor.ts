import app from '@adonisjs/core/services/app'
import type { PluginManifest } from '#core/plugins/define_plugin'
import { PluginRegistry } from '#core/plugins/registry'
import { GuardedVendorHttp } from '#adapters/vendors/guarded_vendor_http'
import { VendorCredentials } from '#adapters/vendors/vendor_credentials'
import { fakeVendorWeb } from '#app/outbound/vendor_web'
import type { FakeVendor } from '#tests/fakes/vendor/fake_vendor'
import { PLAIN_TOOLS } from '#tests/plain_tools'

/**
 * Lets the platform offer a further plugin, whose vendor is a fake on this machine, with its own
 * client in between: as it would be, were it in the configuration.
 */
export async function attachVendor(
  plugin: PluginManifest,
  fake: FakeVendor,
  cleanup: (undo: () => Promise<void>) => void,
  now: () => Date = () => new Date()
) {
  await fake.start()
  const registry = await app.container.make(PluginRegistry)
  const more = new PluginRegistry({
    plugins: [plugin],
    environment: fake.environment(),
    production: false,
    enabled: [],
    tools: { ...PLAIN_TOOLS.tools, now },
    reach: ({ title, auth, secrets, fake: origin, ...vendor }) =>
      new GuardedVendorHttp({
        ...{ ...vendor, vendor: title, fake: origin, web: fakeVendorWeb() },
        credentials: new VendorCredentials(auth, secrets),
      }),
  })
  const isNew = ({ provider }: { provider: string }) => provider === plugin.id
  const known = {
    find: registry.find.bind(registry),
    models: registry.models.bind(registry),
    provider: registry.provider.bind(registry),
    door: registry.door.bind(registry),
    limitsOf: registry.limitsOf.bind(registry),
    lifecycle: registry.lifecycle.bind(registry),
  }
  Object.assign(registry, {
    find: (name) => more.find(name) ?? known.find(name),
    models: () => [...known.models(), ...more.models()],
    provider: (model) => (isNew(model) ? more : known).provider(model),
    door: (model) => (isNew(model) ? more : known).door(model),
    limitsOf: (model) => (isNew(model) ? more : known).limitsOf(model),
    lifecycle: (model) =>
      'provider' in model && model.provider === plugin.id
        ? more.lifecycle(model)
        : known.lifecycle(model),
  } satisfies Partial<PluginRegistry>)
  cleanup(async () => {
    for (const name of Object.keys(known)) Reflect.deleteProperty(registry, name)
    await fake.stop()
  })
}
