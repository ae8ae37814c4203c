import type { Group } from '@japa/runner/core'
import type { PluginManifest } from '#core/plugins/define_plugin'
import { PluginRegistry } from '#core/plugins/registry'
import { GuardedVendorHttp } from '#adapters/vendors/guarded_vendor_http'
import { VendorCredentials } from '#adapters/vendors/vendor_credentials'
import { fakeVendorWeb } from '#app/outbound/vendor_web'
import type { FakeVendor } from '#tests/fakes/vendor/fake_vendor'
import type { Station } from './orders.js'

/** A fake of a vendor, and the platform's way to it. */
export interface VendorStand {
  fake: FakeVendor
  /** Another process, with the plugin as its manifest makes it. */
  open(): Station
  /** Runs the fake for a group of tests, which forgets after each. */
  setup(group: Group): void
  /** All that a plugin has said to its logger. */
  logged: unknown[]
}

export function vendorStand(plugin: PluginManifest, fake: FakeVendor): VendorStand {
  const logged: unknown[] = []
  const log = (facts: object, message: string) => void logged.push(facts, message)
  return {
    fake,
    logged,
    setup(group) {
      group.setup(async () => void (await fake.start()))
      group.teardown(() => fake.stop())
      group.each.teardown(() => {
        fake.forget()
        logged.length = 0
      })
    },
    open() {
      const registry = new PluginRegistry({
        plugins: [plugin],
        environment: fake.environment(),
        production: false,
        enabled: [],
        tools: { logger: { debug: log, warn: log }, now: () => new Date() },
        reach: ({ title, auth, secrets, fake: origin, ...vendor }) =>
          new GuardedVendorHttp({
            ...vendor,
            vendor: title,
            fake: origin,
            credentials: new VendorCredentials(auth, secrets),
            web: fakeVendorWeb(),
          }),
      })
      const [model] = registry.models()
      return { provider: registry.provider(model), http: registry.door(model) }
    },
  }
}
