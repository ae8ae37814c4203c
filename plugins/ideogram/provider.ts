import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import type { VendorHttp } from '#core/plugins/vendor_http'
import { VendorRefusal, VendorSteps } from '#core/plugins/vendor_steps'
import { classify, pathOf, toForm, toOutputs, toReport, usage, withheldIn } from './mapping.js'
import { models } from './models.js'

/** One long call, whose answer links to the pictures. */
export class IdeogramProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, 'Ideogram')
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const { execution } = models.find(({ id }) => id === call.model)!
    const answer = await this.#vendor.json('submit', {
      method: 'POST',
      url: `https://api.ideogram.ai${pathOf(call)}`,
      body: { form: await toForm(call) },
      timeoutMs: execution.timeoutMs!,
      signal: call.signal,
    })
    const outputs = toOutputs(answer)
    if (outputs.length === 0 && withheldIn(answer.body) > 0) {
      throw new VendorRefusal({ vendor: 'Ideogram', step: 'submit', ...answer })
    }
    return { status: 'done', outputs, raw: toReport(answer, outputs.length) }
  }
}
