import type { VendorHttp } from '#core/plugins/vendor_http'
import { VendorSteps, type VendorAnswer } from '#core/plugins/vendor_steps'

const BASE = 'https://api.bfl.ai/v1'

interface Patience {
  timeoutMs: number
  signal: AbortSignal
}

/** The endpoints of Black Forest Labs: one for each model, and one for each task. */
export class BflClient {
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    this.#vendor = new VendorSteps(http, 'Black Forest Labs')
  }

  submit(model: string, body: Record<string, unknown>, patience: Patience): Promise<VendorAnswer> {
    const url = `${BASE}/${model}`
    return this.#vendor.json('submit', { method: 'POST', url, body: { json: body }, ...patience })
  }

  /** At the address that the submit answered: other regions do not know the task. */
  task(url: string, patience: Patience): Promise<VendorAnswer> {
    return this.#vendor.json('poll', { method: 'GET', url, ...patience })
  }
}
