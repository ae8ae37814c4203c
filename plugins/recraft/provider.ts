import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import type { VendorHttp } from '#core/plugins/vendor_http'
import { VendorSteps } from '#core/plugins/vendor_steps'
import { classify, toOutputs, toReport, toRequest, usage } from './mapping.js'
import { models } from './models.js'

/** One long call, whose answer links to the pictures and says what they cost. */
export class RecraftProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, 'Recraft')
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const { execution } = models.find(({ id }) => id === call.model)!
    const { path, body } = await toRequest(call)
    const answer = await this.#vendor.json('submit', {
      method: 'POST',
      url: `https://external.api.recraft.ai/v1/${path}`,
      body,
      timeoutMs: execution.timeoutMs!,
      signal: call.signal,
    })
    const outputs = toOutputs(answer)
    return { status: 'done', outputs, raw: toReport(answer, outputs.length) }
  }
}
