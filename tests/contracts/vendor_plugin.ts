import type { ModelManifest, PluginManifest } from '#core/plugins/define_plugin'
import type { ErrorClass } from '#core/queue/types'
import type { FakeVendor } from '#tests/fakes/vendor/fake_vendor'
import type { Trouble } from '#tests/fakes/vendor/troubles'
import { breakingSuite } from './model_provider/breaking.js'
import { deliverySuite } from './model_provider/delivery.js'
import { honestySuite } from './model_provider/honesty.js'
import { manifestSuite } from './model_provider/manifest.js'
import type { ModelCase, Order } from './model_provider/orders.js'
import { refusalsSuite } from './model_provider/refusals.js'
import { stoppingSuite } from './model_provider/stopping.js'
import { vendorStand } from './model_provider/vendor_stand.js'
import { wireSuite } from './model_provider/wire.js'

/** What of an input reaches the vendor, written down from its documentation. */
export interface WireCase extends Order {
  sends: {
    method?: string
    path: string
    /** All of the body, field by field. */
    json?: Record<string, unknown>
    /** The parts of the form, each as a text, or as `file <type>` for a file. */
    form?: [name: string, value: string][]
    /** Headers that matter, beside those of the authentication. */
    headers?: Record<string, string>
  }
}

/** An input that never reaches the vendor, and what is said of it. */
export interface IllegalCase {
  input: Record<string, unknown>
  /** Of the first field that is wrong: `/size`. */
  param: string
  says: RegExp
}

export interface VendorCase extends ModelCase {
  /** Every parameter is in one at least. */
  wire: WireCase[]
  illegal: IllegalCase[]
  /** Where they are others than of its vendor's other models. */
  troubles?: VendorSubject['troubles']
}

export interface VendorSubject {
  Fake: new () => FakeVendor
  /** By the id of each model that is not retired. Those alike share one: `like('gpt-image-2', …)`. */
  models: Record<string, VendorCase>
  /** What the vendor's own refusals mean, at a submit and, where it polls, while it works. */
  troubles: Partial<Record<Exclude<Trouble, Played>, ErrorClass>>
  /** Which odd deliveries the fake plays: fewer than asked for, none, with measures that cannot be. */
  plays: Played[]
}

/** These end as a delivery, not as an error. */
export type Played = 'partial' | 'empty' | 'absurd'

/**
 * What the kernel relies on in the plugin of a vendor, run against a fake of the vendor through the
 * same guarded client as in production. A spec states its fake and its cases and nothing else.
 */
export function vendorPluginSuite(plugin: PluginManifest, subject: VendorSubject) {
  const { Fake, models, plays } = subject
  const stand = vendorStand(plugin, new Fake())
  manifestSuite({ plugin, open: stand.open, setup: stand.setup })
  const living = plugin.models.filter(({ lifecycle }) => lifecycle.state !== 'retired')
  for (const model of living) {
    const modelCase = models[model.id]
    if (!modelCase) throw new Error(`The suite of ${plugin.id} has no case for ${model.id}.`)
    const name = `${plugin.id}/${model.id}`
    const one = { name, model, open: stand.open, setup: stand.setup, ...modelCase }
    refusalsSuite(one)
    deliverySuite(one)
    stoppingSuite(one)
    wireSuite({ ...one, stand })
    honestySuite({ ...one, stand })
  }
  // What breaks is read by the way a model works, not by its name.
  const ways = new Map(living.map((model) => [wayOf(model), model]))
  for (const [way, model] of ways) {
    const { troubles = subject.troubles, ...modelCase } = models[model.id]
    breakingSuite({
      ...{ name: `${plugin.id} (${way})`, model, stand, troubles, plays, ...modelCase },
      open: stand.open,
      setup: stand.setup,
    })
  }
}

function wayOf({ execution, output }: ModelManifest): string {
  return `${execution.shape}, ${output.transport ?? 'in the answer'}`
}

/** The same case for several models. */
export function like(ids: string[], modelCase: (id: string) => VendorCase) {
  return Object.fromEntries(ids.map((id) => [id, modelCase(id)]))
}
