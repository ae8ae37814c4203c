import {
  ModelProvider,
  type CallbackReading,
  type ProviderAnswer,
  type ProviderCall,
} from '#core/plugins/model_provider'
import type { VendorHttp } from '#core/plugins/vendor_http'
import { textAt, VendorRefusal, VendorSteps } from '#core/plugins/vendor_steps'
import { classify, toImage, toOutputs, toReport, toVideo, usage } from './mapping.js'
import { models } from './models.js'

const BASE = 'https://api.lumalabs.ai/dream-machine/v1/generations'
const [{ execution }] = models

/** A generation that is asked about, and that may tell by itself that something has changed. */
export class LumaProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, 'Luma')
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const isFilm = 'seconds' in call.input
    const url = `${BASE}/${isFilm ? 'video' : 'image'}`
    const json = isFilm ? toVideo(call) : toImage(call)
    const { body, ...answer } = await this.#vendor.json('submit', {
      ...{ method: 'POST', url, body: { json }, timeoutMs: execution.timeoutMs! },
      signal: call.signal,
    })
    const id = textAt(body, 'id')
    if (!id) throw new VendorRefusal({ vendor: 'Luma', step: 'submit', ...answer, body })
    return pending(id)
  }

  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const id = String(handle.id)
    const { body, ...answer } = await this.#vendor.json('poll', {
      ...{ method: 'GET', url: `${BASE}/${id}`, timeoutMs: execution.timeoutMs! },
      signal: call.signal,
    })
    switch (textAt(body, 'state')) {
      case 'completed': {
        const outputs = toOutputs(body, call)
        return { status: 'done', outputs, raw: toReport(body, outputs.length) }
      }
      case 'failed':
        throw new VendorRefusal({ vendor: 'Luma', step: 'poll', ...answer, body })
      default:
        return pending(id)
    }
  }

  /** Luma signs nothing: anybody could have sent it. */
  parseWebhook(): CallbackReading {
    return { is: 'news' }
  }
}

function pending(id: string): ProviderAnswer {
  return { status: 'pending', handle: { id }, pollAfterMs: execution.pollIntervalMs! }
}
