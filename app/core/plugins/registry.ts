import { checkManifest } from './check_manifest.js'
import type { ModelManifest, PluginManifest, PluginTools } from './define_plugin.js'
import { PluginFault } from './errors.js'
import { fakeVendor } from './fake_vendor.js'
import { lifecycleAt } from './lifecycle.js'
import type { ModelProvider } from './model_provider.js'
import type { VendorHttp, VendorIdentity } from './vendor_http.js'
import type { AccountMode } from '../ledger/account_mode.js'

/** A model as the platform sees it. */
export interface RegisteredModel extends ModelManifest {
  /** What users name: `local/esrgan-2x`. */
  name: string
  provider: string
  /** The mode of the accounts that may use it: what only pretends is never sold in production. */
  audience: AccountMode | 'both'
}

export interface RegisteredPlugin {
  id: string
  title: string
  /**
   * `test_only`: it only pretends, and this is production, so that it works for test accounts alone.
   * `unconfigured`: a secret is missing.
   */
  state: 'on' | 'test_only' | 'unconfigured'
  missing: string[]
  limits: NonNullable<PluginManifest['limits']>
  models: RegisteredModel[]
}

interface RegistryOptions {
  plugins: PluginManifest[]
  environment: Record<string, string | undefined>
  production: boolean
  /** Plugins that live accounts may use although they are only for trying. */
  enabled: string[]
  tools: Omit<PluginTools, 'secrets' | 'http'>
  /** Opens the way to a vendor. */
  reach(vendor: VendorIdentity): VendorHttp
}

/** What can stand in a header. */
const OF_A_KEY = /^[\x21-\x7e]+$/

/**
 * Every plugin that is on, and the only way to reach one. A wrong manifest stops the
 * boot with a sentence that names plugin, field and mend; a missing key does not.
 */
export class PluginRegistry {
  readonly plugins: RegisteredPlugin[]
  readonly #models = new Map<string, RegisteredModel>()
  readonly #providers = new Map<string, ModelProvider>()
  readonly #doors = new Map<string, VendorHttp>()
  readonly #options: RegistryOptions

  constructor(options: RegistryOptions) {
    const plugins = options.plugins.map((manifest) => withListed(manifest, options.environment))
    this.#options = { ...options, plugins }
    this.plugins = plugins.map((manifest) => this.#register(manifest))
  }

  /** The models that can be used now by some account, in the order of the configuration. */
  models(): RegisteredModel[] {
    return [...this.#models.values()]
  }

  find(name: string): RegisteredModel | null {
    return this.#models.get(name) ?? null
  }

  /** At most three names that are close to one that does not exist, of those that are `open`. */
  nearest(name: string, open: (model: RegisteredModel) => boolean = () => true): string[] {
    const wanted = name.toLowerCase()
    return this.models()
      .filter(open)
      .map(({ name: known }) => known)
      .map((known) => ({ known, distance: distance(wanted, known) }))
      .sort((a, b) => a.distance - b.distance || a.known.localeCompare(b.known))
      .slice(0, 3)
      .map(({ known }) => known)
  }

  /** What the vendor behind a model lets one account have. */
  limitsOf({ provider }: RegisteredModel) {
    return this.plugins.find(({ id }) => id === provider)!.limits
  }

  /** The provider behind a model, made on first use. */
  provider(model: RegisteredModel): ModelProvider {
    const known = this.#providers.get(model.provider)
    if (known) return known
    const manifest = this.#manifest(model)
    const secrets = this.#secrets(manifest)
    const http = this.door(model)
    const provider = manifest.provider({ ...this.#options.tools, secrets, http })
    this.#providers.set(model.provider, provider)
    return provider
  }

  /** The way to a model's vendor, the same that its provider has. */
  door(model: RegisteredModel): VendorHttp {
    const known = this.#doors.get(model.provider)
    if (known) return known
    const manifest = this.#manifest(model)
    const door = this.#options.reach({
      title: manifest.title,
      auth: manifest.auth ?? { kind: 'none' },
      secrets: this.#secrets(manifest),
      headers: manifest.headers ?? {},
      hosts: manifest.hosts ?? { api: [], assets: [] },
      fake: fakeVendor(manifest.id, this.#options),
    })
    this.#doors.set(model.provider, door)
    return door
  }

  /** Whether a fake on this machine is asked in place of the model's vendor. */
  isFaked(model: RegisteredModel): boolean {
    return fakeVendor(model.provider, this.#options) !== null
  }

  /** What a model is now, by the clock of the platform. */
  lifecycle(model: ModelManifest): ModelManifest['lifecycle'] {
    return lifecycleAt(model, this.#options.tools.now())
  }

  async close() {
    await Promise.all([...this.#providers.values()].map((provider) => provider.close()))
    this.#providers.clear()
  }

  #manifest(model: RegisteredModel): PluginManifest {
    return this.#options.plugins.find(({ id }) => id === model.provider)!
  }

  /** What is set of a plugin's variables, without what a paste left around it. */
  #secrets({ id, env, optionalEnv = [], modelsFrom }: PluginManifest): Record<string, string> {
    const secrets: Record<string, string> = {}
    for (const name of [...env, ...optionalEnv]) {
      const value = this.#options.environment[name]?.trim()
      if (!value) continue
      if (name !== modelsFrom?.variable && !OF_A_KEY.test(value)) {
        throw new PluginFault(id, name, 'a key has no spaces or line breaks. Paste it alone.')
      }
      secrets[name] = value
    }
    return secrets
  }

  #register(manifest: PluginManifest): RegisteredPlugin {
    checkManifest(manifest)
    fakeVendor(manifest.id, this.#options)
    const { production, enabled } = this.#options
    const secrets = this.#secrets(manifest)
    const missing = manifest.env.filter((name) => !secrets[name])
    const isSold = !production || enabled.includes(manifest.id)
    const audience = !manifest.onlyForTrying ? 'live' : isSold ? 'both' : 'test'
    const models = manifest.models.map((model): RegisteredModel => ({
      ...model,
      name: `${manifest.id}/${model.id}`,
      provider: manifest.id,
      audience,
    }))
    const on = audience === 'test' ? 'test_only' : 'on'
    const state = missing.length > 0 ? 'unconfigured' : on
    if (missing.length === 0) {
      for (const model of models) {
        if (this.#models.has(model.name)) {
          throw new PluginFault(
            manifest.id,
            'models',
            `${model.name} is declared twice. Rename one.`
          )
        }
        this.#models.set(model.name, model)
      }
    }
    const { id, title, limits = {} } = manifest
    return { id, title, state, missing, limits, models }
  }
}

/** A plugin with the models that its operator lists. */
function withListed(
  manifest: PluginManifest,
  environment: RegistryOptions['environment']
): PluginManifest {
  const { models, modelsFrom } = manifest
  const path = modelsFrom && environment[modelsFrom.variable]
  return path ? { ...manifest, models: [...models, ...modelsFrom.read(path)] } : manifest
}

/** Edits between two names (insert, delete, replace). */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1]
    for (const [column, other] of [...b].entries()) {
      const replace = previous[column] + (letter === other ? 0 : 1)
      current.push(Math.min(replace, previous[column + 1] + 1, current[column] + 1))
    }
    previous = current
  }
  return previous[b.length]
}
