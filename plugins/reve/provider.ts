import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import type { VendorHttp } from '#core/plugins/vendor_http'
import { VendorRefusal, VendorSteps } from '#core/plugins/vendor_steps'
import { classify, toBody, toOutputs, toReport, usage } from './mapping.js'
import { models } from './models.js'

const BASE = 'https://api.reve.com/v1/image'
const LARGEST_ANSWER = 64 * 1024 * 1024

/** One call, and the picture is in its answer. There is nothing to ask about afterwards. */
export class ReveProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, 'Reve')
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const { id, execution } = models.find((model) => model.id === call.model)!
    const answer = await this.#vendor.json('submit', {
      method: 'POST',
      url: `${BASE}/${id}`,
      headers: { accept: 'application/json' },
      body: { json: await toBody(call) },
      maxBytes: LARGEST_ANSWER,
      timeoutMs: execution.timeoutMs!,
      signal: call.signal,
    })
    const outputs = toOutputs(answer)
    if (outputs.length === 0) throw new VendorRefusal({ vendor: 'Reve', step: 'submit', ...answer })
    return { status: 'done', outputs, raw: toReport(answer, outputs.length) }
  }
}
