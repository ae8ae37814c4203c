import { PluginFault } from './errors.js'

const OF_THIS_MACHINE = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

interface Surroundings {
  environment: Record<string, string | undefined>
  production: boolean
}

/**
 * The origin of a fake that is asked instead of a plugin's vendor, by `<PLUGIN>_BASE_URL`, or `null`.
 * In production it counts only with `ALLOW_FAKE_VENDORS=true`: some SDKs know variables of the same
 * name, and nobody must sell what a fake makes by mistake.
 */
export function fakeVendor(plugin: string, { environment, production }: Surroundings): URL | null {
  const variable = `${plugin.toUpperCase().replaceAll('-', '_')}_BASE_URL`
  const text = environment[variable]
  if (!text || (production && environment.ALLOW_FAKE_VENDORS !== 'true')) return null
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' || !OF_THIS_MACHINE.test(url.hostname)) {
    throw new PluginFault(
      plugin,
      variable,
      'it must be the address of a fake on this machine, such as http://127.0.0.1:4010. Unset it to reach the vendor itself.'
    )
  }
  return new URL(url.origin)
}
