import 'reflect-metadata'
import type { PluginManifest } from '#core/plugins/define_plugin'
import type { FakeVendor } from './vendor/fake_vendor.js'

const FIRST_PORT = 4100

/** Starts a fake of every vendor that is on, and prints the environment that leads there. */
const { default: plugins } = (await import('#config/plugins')) as { default: PluginManifest[] }
let port = FIRST_PORT
for (const { id, hosts } of plugins) {
  if (!hosts) continue
  const { default: Fake } = (await import(`../../plugins/${id}/tests/fake.js`)) as {
    default: new () => FakeVendor
  }
  const fake = new Fake()
  await fake.start(port++)
  for (const [name, value] of Object.entries(fake.environment())) console.log(`${name}=${value}`)
}
console.error('Put these lines into .env. A prompt may ask for trouble: fail:moderation, slow:5s.')
