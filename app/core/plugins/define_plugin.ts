import type { Geometry } from './geometry.js'
import type { ModelProvider } from './model_provider.js'
import type { ModelPrice, PriceChange } from '../prices/price_rule.js'
import type { ModelKind } from './model_kinds.js'
import type { VendorAuth, VendorHosts, VendorHttp } from './vendor_http.js'

/** The version of this contract. A plugin names the range it was written for. */
export const CORE_VERSION = '1'

export type { ModelKind }

/** What a file is to the work, for forms, for documents and for callers that look for a model. */
export type ReferenceRole =
  'source' | 'mask' | 'subject' | 'style' | 'start_frame' | 'end_frame' | 'voice'

/**
 * A parameter that names a file, an asset id or an https URL: of type string in the schema. Where
 * it takes several, it is an array of strings with `maxItems`.
 */
export interface ReferenceRule {
  role?: ReferenceRole
  mime: string[]
  /** Refused before anything is held, as is all that follows. */
  maxMegapixels: number
  maxBytes: number
  /** In pixels, of the shorter and of the longer side. */
  minSide?: number
  maxSide?: number
  /** Another parameter, whose (first) file has to have the same size: that which a mask is laid on. */
  sameSizeAs?: string
  /** What a mask says, once the plugin has it: which of its pixels are to be changed. */
  changes?: 'transparent' | 'white' | 'black'
}

/** What a parameter has to say: one of these values, or anything at all, or nothing. */
export type Demand =
  (string | number | boolean)[] | { given: boolean } | { min?: number; max?: number }

/**
 * What a schema says badly: where all of `when` fits an input, all of `then` has to. Read before
 * anything is held, on the input with its defaults, so that nobody waits to hear it from a vendor.
 */
export interface CrossRule {
  when: Record<string, Demand>
  then: Record<string, Demand>
  /** The reason, as a sentence: `1080p films last 6 seconds.` */
  say: string
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
  /** As it is declared; what it is at a moment says `lifecycleAt`. */
  lifecycle: {
    state: 'active' | 'deprecated' | 'retired'
    /** From then on it is retired, whatever the state says: a day (at 00:00 UTC) or an instant. */
    shutdownAt?: string
    /** What to use instead: a model by its whole name, `openai/gpt-image-2`. */
    replacement?: string
  }
  capabilities: {
    cancel: boolean
    seed?: boolean
    negativePrompt?: boolean
    audio?: boolean
    transparency?: boolean
    maxOutputs: number
  }
  parameters: ParameterSchema
  /** What one parameter demands of another. The first that is broken is told. */
  rules?: CrossRule[]
  /** Which parameters are files. */
  references: Record<string, ReferenceRule>
  /** The parameter that says how many outputs are wanted, where there is one. */
  outputsParameter?: string
  /** The parameter that says how many seconds each output lasts, where there is one. */
  secondsParameter?: string
  geometry?: Geometry
  execution: {
    /**
     * `sync`: submit answers with the work. `poll`: it answers with a handle, which is asked about.
     * `lro`: the same, where the vendor calls it an operation that is done or not.
     */
    shape: 'sync' | 'poll' | 'lro'
    /** Of one call to the vendor. A synchronous one takes as long as the work. */
    timeoutMs?: number
    /** Between two polls, where the vendor says nothing. */
    pollIntervalMs?: number
    /**
     * The vendor can tell that the work is done. `unsigned`: what anybody could have sent, so that it
     * only means to poll now. Polling goes on meanwhile: callbacks are lost.
     */
    callback?: 'unsigned' | 'signed'
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
  output: {
    mime: string[]
    /**
     * How the vendor hands it over. `url` and `authed_url` (with our key) are links, which the
     * kernel fetches. In the answer itself, where it is left out.
     */
    transport?: 'base64' | 'bytes' | 'url' | 'authed_url'
    /** How long a link lives. It is fetched before, again and again if need be. */
    ttlSeconds?: number
  }
  /** A complete legal input for forms and examples; file parameters are left out. */
  example: Record<string, unknown>
}

/** What the kernel hands a plugin when it makes its provider. */
export interface PluginTools {
  /** Those of `env`, and those of `optionalEnv` that are set. Authentication needs none of them. */
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
  /** Those that it takes where they are set: for signed callbacks, say. */
  optionalEnv?: string[]
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
  /**
   * More models, from the file that a variable of `env` names: those of an operator, see
   * `operatorModels`. Until it is set there are none.
   */
  modelsFrom?: { variable: string; read(path: string): ModelManifest[] }
  provider(tools: PluginTools): ModelProvider
}

/** Gives a plugin its type. Data only; what is wrong in it stops the boot, see `registry.ts`. */
export function definePlugin(manifest: PluginManifest): PluginManifest {
  return manifest
}
