import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import { VendorAnswerUnreadable, type VendorHttp } from '#core/plugins/vendor_http'
import { VendorBroke, VendorRefusal, VendorSteps } from '#core/plugins/vendor_steps'
import { classify, toBody, toOutputs, toPath, toReport, usage } from './mapping.js'
import { models } from './models.js'

const VENDOR = 'ElevenLabs'
const BASE = 'https://api.elevenlabs.io/v1'
/** Two hours in the best quality. */
const LARGEST_ANSWER = 128 * 1024 * 1024

/** One call, and the sound is its answer. */
export class ElevenLabsProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, VENDOR)
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const { execution } = models.find(({ id }) => id === call.model)!
    const answer = await this.#vendor.bytes('submit', {
      method: 'POST',
      url: `${BASE}/${toPath(call)}`,
      body: { json: toBody(call) },
      maxBytes: LARGEST_ANSWER,
      timeoutMs: execution.timeoutMs!,
      signal: call.signal,
    })
    const outputs = toOutputs(answer)
    // It was heard, and what it has made of it nobody knows.
    if (!outputs) throw new VendorBroke('submit', new VendorAnswerUnreadable(VENDOR))
    const { status, headers } = answer
    if (outputs.length === 0) {
      throw new VendorRefusal({ vendor: VENDOR, step: 'submit', status, headers, body: null })
    }
    return { status: 'done', outputs, raw: toReport(answer, outputs.length) }
  }
}
