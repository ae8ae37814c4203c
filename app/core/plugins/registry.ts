import {
  CORE_VERSION,
  type ModelManifest,
  type PluginManifest,
  type PluginTools,
} from './define_plugin.js'
import { PluginFault } from './errors.js'
import { fakeVendor } from './fake_vendor.js'
import type { ModelProvider } from './model_provider.js'
import type { VendorAuth, VendorHttp, VendorIdentity } from './vendor_http.js'
import type { AccountMode } from '../ledger/account_mode.js'
import { checkPrices } from '../prices/check_price.js'
import { PriceProblem } from '../prices/price_problem.js'

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

/**
 * Every plugin that is on, and the only way to reach one. A wrong manifest stops the
 * boot with a sentence that names plugin, field and mend; a missing key does not.
 */
export class PluginRegistry {
  readonly plugins: RegisteredPlugin[]
  readonly #models = new Map<string, RegisteredModel>()
  readonly #providers = new Map<string, ModelProvider>()
  readonly #options: RegistryOptions

  constructor(options: RegistryOptions) {
    this.#options = options
    this.plugins = options.plugins.map((manifest) => this.#register(manifest))
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
    const manifest = this.#options.plugins.find(({ id }) => id === model.provider)!
    const secrets = Object.fromEntries(
      manifest.env.map((name) => [name, this.#options.environment[name]!])
    )
    const http = this.#options.reach({
      title: manifest.title,
      auth: manifest.auth ?? { kind: 'none' },
      secrets,
      headers: manifest.headers ?? {},
      hosts: manifest.hosts ?? { api: [], assets: [] },
      fake: fakeVendor(manifest.id, this.#options),
    })
    const provider = manifest.provider({ ...this.#options.tools, secrets, http })
    this.#providers.set(model.provider, provider)
    return provider
  }

  async close() {
    await Promise.all([...this.#providers.values()].map((provider) => provider.close()))
    this.#providers.clear()
  }

  #register(manifest: PluginManifest): RegisteredPlugin {
    checkManifest(manifest)
    fakeVendor(manifest.id, this.#options)
    const { environment, production, enabled } = this.#options
    const missing = manifest.env.filter((name) => !environment[name])
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

function checkManifest({ id, core, models, env, auth, limits = {} }: PluginManifest) {
  if (!/^[a-z][a-z0-9-]*$/.test(id)) {
    throw new PluginFault(id, 'id', 'use lower-case letters, digits and dashes.')
  }
  if (core !== `^${CORE_VERSION}`) {
    throw new PluginFault(
      id,
      'core',
      `"${core}" does not fit this kernel; it needs "^${CORE_VERSION}".`
    )
  }
  for (const [name, limit] of Object.entries(limits)) {
    if (!Number.isInteger(limit) || limit < 1) {
      throw new PluginFault(id, `limits.${name}`, 'it must be a whole number above 0, or left out.')
    }
  }
  const unnamed = auth && secretsOf(auth).find((name) => !env.includes(name))
  if (unnamed) {
    throw new PluginFault(id, 'auth', `"${unnamed}" is not one of its secrets. Add it to "env".`)
  }
  for (const model of models) {
    const known = Object.keys(model.parameters.properties)
    const named = [
      ...Object.keys(model.references),
      ...[model.outputsParameter, model.secondsParameter].filter((name) => name !== undefined),
    ]
    const unknown = named.find((name) => !known.includes(name))
    if (unknown) {
      throw new PluginFault(
        id,
        `models.${model.id}`,
        `"${unknown}" is not one of its parameters. Add it to the schema or remove it.`
      )
    }
    checkPricesOf(id, model)
  }
}

function secretsOf(auth: VendorAuth): string[] {
  if (auth.kind === 'none') return []
  return auth.kind === 'jwt-hs256' ? [auth.accessKey, auth.secretKey] : [auth.secret]
}

function checkPricesOf(plugin: string, model: ModelManifest) {
  try {
    checkPrices(model)
  } catch (error) {
    if (!(error instanceof PriceProblem)) throw error
    throw new PluginFault(plugin, `models.${model.id}.${error.field}`, error.mend)
  }
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
