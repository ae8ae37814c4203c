import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import type { VendorHttp } from '#core/plugins/vendor_http'
import { measureAt, textAt, VendorRefusal, VendorSteps } from '#core/plugins/vendor_steps'
import { classify, toImage, toOutputs, toReport, toVideo, usage } from './mapping.js'
import { models } from './models.js'

const BASE = 'https://api.dev.runwayml.com/v1'

/** A task that is asked about every five seconds. Where all places are taken it waits at Runway. */
export class RunwayProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, 'Runway')
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const isFilm = 'seconds' in call.input
    const path = isFilm ? '/image_to_video' : '/text_to_image'
    const json = isFilm ? await toVideo(call) : await toImage(call)
    const { body, ...answer } = await this.#vendor.json('submit', {
      ...{ method: 'POST', url: BASE + path, body: { json }, ...patience(call) },
    })
    const id = textAt(body, 'id')
    if (!id) throw new VendorRefusal({ vendor: 'Runway', step: 'submit', ...answer, body })
    return pending(call, id)
  }

  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const id = String(handle.id)
    const { body, ...answer } = await this.#vendor.json('poll', {
      ...{ method: 'GET', url: `${BASE}/tasks/${id}`, ...patience(call) },
    })
    switch (textAt(body, 'status')) {
      case 'SUCCEEDED': {
        const outputs = toOutputs(body, call)
        return { status: 'done', outputs, raw: toReport(body, outputs.length) }
      }
      case 'FAILED':
      case 'CANCELLED':
        throw new VendorRefusal({ vendor: 'Runway', step: 'poll', ...answer, body })
      case 'RUNNING':
        call.progress(Math.min(1, measureAt(body, 'progress') ?? 0))
    }
    // PENDING, THROTTLED, and whatever they invent: it is under way until it says that it is not.
    return pending(call, id)
  }

  async cancel(call: ProviderCall, { id }: Record<string, unknown>): Promise<void> {
    // The signal of a job that is canceled has been aborted already.
    const { signal } = new AbortController()
    const url = `${BASE}/tasks/${String(id)}`
    await this.#vendor.bytes('cancel', { method: 'DELETE', url, ...patience(call), signal })
  }
}

function executionOf({ model }: ProviderCall) {
  return models.find(({ id }) => id === model)!.execution
}

function patience(call: ProviderCall) {
  return { timeoutMs: executionOf(call).timeoutMs!, signal: call.signal }
}

function pending(call: ProviderCall, id: string): ProviderAnswer {
  return { status: 'pending', handle: { id }, pollAfterMs: executionOf(call).pollIntervalMs! }
}
