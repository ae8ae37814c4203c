import type { Geometry } from './geometry.js'
import type { ModelProvider } from './model_provider.js'
import type { ModelPrice, PriceChange } from '../prices/price_rule.js'
import type { ModelKind } from './model_kinds.js'
import type { VendorAuth, VendorHosts, VendorHttp } from './vendor_http.js'

/** The version of this contract. A plugin names the range it was written for. */
export const CORE_VERSION = '1'

export type { ModelKind }

/** A parameter that names a file: an asset id or an https URL. */
export interface ReferenceRule {
  mime: string[]
  /** Refused before anything is held. */
  maxMegapixels: number
  maxBytes: number
}

/** Draft 2020-12 JSON Schema of a model's `input`: an object without additional properties. */
export interface ParameterSchema {
  type: 'object'
  properties: Record<string, Record<string, unknown>>
  required?: string[]
  additionalProperties: false
}

/** `user`: charged by the declared policy, and the receipt says so; else the platform eats it. */
export type Payer = 'user' | 'platform'

export interface ModelManifest {
  /** Ours, without the provider: `esrgan-2x`. */
  id: string
  title: string
  description: string
  kind: ModelKind
  lifecycle: {
    state: 'active' | 'deprecated' | 'retired'
    shutdownAt?: string
    replacement?: string
  }
  capabilities: { cancel: boolean; seed?: boolean; maxOutputs: number }
  parameters: ParameterSchema
  /** Which parameters are files. They are of type string in the schema. */
  references: Record<string, ReferenceRule>
  /** The parameter that says how many outputs are wanted, where there is one. */
  outputsParameter?: string
  /** The parameter that says how many seconds each output lasts, where there is one. */
  secondsParameter?: string
  geometry?: Geometry
  execution: {
    /** `poll`: submit may answer with a handle. */
    shape: 'sync' | 'poll'
    /**
     * What can be done when it is not known whether the vendor took the work. `safe`: submitting
     * again is harmless, as with an idempotency key. `lookup`: the provider can find it by the
     * job's id. Left out, it is never submitted again: the job fails with `outcome_unknown`.
     */
    resubmit?: 'safe' | 'lookup'
    /** From the first claim to the end, retries included. */
    deadlineMs: number
    maxAttempts: number
  }
  /** The price that holds until the first of its changes. */
  price: ModelPrice
  /** Prices that hold from an instant on, each instead of the one before. In order of time. */
  priceChanges?: PriceChange[]
  /**
   * What the vendor bills although nothing is delivered, and who pays for it: nothing, where it is
   * left out. What a vendor reports (`Classified.usage`) counts before this.
   */
  billedOn?: {
    /** A result that was made and withheld (`blocked_output`). */
    block?: Payer
    /** `provider_failed` and `no_output`. */
    failure?: Payer
    /** Work that was stopped after it was submitted. */
    cancel?: Payer
  }
  output: { mime: string[] }
  /** A complete legal input for forms and examples; file parameters are left out. */
  example: Record<string, unknown>
}

/** What the kernel hands a plugin when it makes its provider. */
export interface PluginTools {
  secrets: Record<string, string>
  /** The only way to its vendor. */
  http: VendorHttp
  logger: { debug(o: object, m: string): void; warn(o: object, m: string): void }
  now(): Date
}

export interface PluginManifest {
  /** The provider's name in model ids: `local`. */
  id: string
  title: string
  /** The range of the contract, `^1`. */
  core: string
  /** Secrets it cannot work without, by environment variable. */
  env: string[]
  /** How its vendor wants to know us: not at all, where it is left out. Names secrets of `env`. */
  auth?: VendorAuth
  /** Headers of every request that is authenticated: a version, say. */
  headers?: Record<string, string>
  /** Where its vendor may be reached: nowhere, where it is left out. */
  hosts?: VendorHosts
  /** What its vendor lets one account have, over all processes. No limit, where it is left out. */
  limits?: {
    /** Jobs at once. */
    concurrency?: number
    /** Submits a minute. */
    rpm?: number
  }
  /**
   * A plugin for trying things out: test accounts may use these and no other. In production live
   * accounts may not, unless it is enabled by name.
   */
  onlyForTrying?: boolean
  models: ModelManifest[]
  provider(tools: PluginTools): ModelProvider
}

/** Gives a plugin its type. Data only; what is wrong in it stops the boot, see `registry.ts`. */
export function definePlugin(manifest: PluginManifest): PluginManifest {
  return manifest
}
