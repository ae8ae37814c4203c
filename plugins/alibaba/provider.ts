import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import type { VendorHttp } from '#core/plugins/vendor_http'
import { textAt, VendorRefusal, VendorSteps, type VendorStep } from '#core/plugins/vendor_steps'
import { classify, toFilm, toFilms, toPicture, toPictures, toReport, usage } from './mapping.js'
import { models } from './models.js'

const BASE = 'https://dashscope-intl.aliyuncs.com/api/v1'
const PICTURES = '/services/aigc/multimodal-generation/generation'
const FILMS = '/services/aigc/video-generation/video-synthesis'

/** Pictures are one long call. Films are tasks, which are asked about. */
export class AlibabaProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, 'Alibaba')
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    return executionOf(call).shape === 'poll' ? this.#begin(call) : this.#draw(call)
  }

  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const id = String(handle.id)
    const { body, ...answer } = await this.#ask('poll', call, { path: `/tasks/${id}` })
    switch (textAt(body, 'output', 'task_status')) {
      case 'SUCCEEDED': {
        const outputs = toFilms(body, call)
        return { status: 'done', outputs, raw: toReport(body, outputs.length) }
      }
      case 'FAILED':
      case 'CANCELED':
      case 'UNKNOWN':
        throw new VendorRefusal({ vendor: 'Alibaba', step: 'poll', ...answer, body })
      default:
        return pending(call, id)
    }
  }

  async #draw(call: ProviderCall): Promise<ProviderAnswer> {
    const { body } = await this.#ask('submit', call, { path: PICTURES, json: toPicture(call) })
    const outputs = toPictures(body)
    return { status: 'done', outputs, raw: toReport(body, outputs.length) }
  }

  async #begin(call: ProviderCall): Promise<ProviderAnswer> {
    const { body, ...answer } = await this.#ask('submit', call, {
      path: FILMS,
      json: toFilm(call),
      headers: { 'X-DashScope-Async': 'enable' },
    })
    const id = textAt(body, 'output', 'task_id')
    if (!id) throw new VendorRefusal({ vendor: 'Alibaba', step: 'submit', ...answer, body })
    return pending(call, id)
  }

  #ask(
    step: VendorStep,
    call: ProviderCall,
    { path, json, headers }: { path: string; json?: unknown; headers?: Record<string, string> }
  ) {
    return this.#vendor.json(step, {
      method: json === undefined ? 'GET' : 'POST',
      url: BASE + path,
      headers,
      ...(json !== undefined && { body: { json } }),
      timeoutMs: executionOf(call).timeoutMs!,
      signal: call.signal,
    })
  }
}

function executionOf({ model }: ProviderCall) {
  return models.find(({ id }) => id === model)!.execution
}

function pending(call: ProviderCall, id: string): ProviderAnswer {
  return { status: 'pending', handle: { id }, pollAfterMs: executionOf(call).pollIntervalMs! }
}
