import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import { filesOf } from '#core/plugins/references'
import type { VendorHttp } from '#core/plugins/vendor_http'
import { VendorRefusal, VendorSteps } from '#core/plugins/vendor_steps'
import { classify, toBody, toOutputs, toReport, usage } from './mapping.js'
import { models } from './models.js'

const BASE = 'https://api.x.ai/v1/images'
/** Ten pictures of 2K, in base64. */
const LARGEST_ANSWER = 256 * 1024 * 1024

/** One call, and the pictures are in its answer. Whoever brings pictures, edits. */
export class XaiProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, 'xAI')
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const { execution } = models.find(({ id }) => id === call.model)!
    const isEdit = filesOf(call.references, 'images').length > 0
    const answer = await this.#vendor.json('submit', {
      method: 'POST',
      url: `${BASE}/${isEdit ? 'edits' : 'generations'}`,
      body: { json: await toBody(call) },
      maxBytes: LARGEST_ANSWER,
      timeoutMs: execution.timeoutMs!,
      signal: call.signal,
    })
    const outputs = toOutputs(answer)
    if (outputs.length === 0) throw new VendorRefusal({ vendor: 'xAI', step: 'submit', ...answer })
    return { status: 'done', outputs, raw: toReport(answer, outputs.length) }
  }
}
