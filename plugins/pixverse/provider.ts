import { randomUUID } from 'node:crypto'
import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import { filesOf } from '#core/plugins/references'
import type { VendorBody, VendorHttp } from '#core/plugins/vendor_http'
import {
  measureAt,
  VendorRefusal,
  VendorSteps,
  type VendorAnswer,
  type VendorStep,
} from '#core/plugins/vendor_steps'
import {
  classify,
  isRefused,
  stateOf,
  toFilm,
  toFilms,
  toReport,
  toUpload,
  usage,
} from './mapping.js'
import { models } from './models.js'

const BASE = 'https://app-api.pixverse.ai/openapi/v2'
const [{ execution }] = models

/** A first picture is uploaded, a film is begun and then asked about. */
export class PixVerseProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, 'PixVerse')
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const imageId = await this.#upload(call)
    const path = imageId === undefined ? '/video/text/generate' : '/video/img/generate'
    const answer = await this.#ask('submit', call, path, { json: toFilm(call, imageId) })
    const id = measureAt(answer.body, 'Resp', 'video_id')
    if (id === undefined) throw refusal('submit', answer)
    return pending({ id, credits: measureAt(answer.body, 'Resp', 'credits') })
  }

  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const answer = await this.#ask('poll', call, `/video/result/${String(handle.id)}`)
    const { body } = answer
    switch (stateOf(body)) {
      case 'done': {
        const outputs = toFilms(body, call)
        const quoted = measureAt(handle, 'credits')
        return { status: 'done', outputs, raw: toReport(body, outputs.length, quoted) }
      }
      case 'over':
        throw refusal('poll', answer)
      case 'working':
        return pending(handle)
    }
  }

  /** The picture's number at PixVerse, where there is one. */
  async #upload(call: ProviderCall): Promise<number | undefined> {
    const [image] = filesOf(call.references, 'image')
    if (!image) return undefined
    const answer = await this.#ask('prepare', call, '/image/upload', await toUpload(image))
    const id = measureAt(answer.body, 'Resp', 'img_id')
    if (id === undefined) throw refusal('prepare', answer)
    return id
  }

  /** Each request wants a name of its own: one that comes again is answered with the old film. */
  async #ask(
    step: VendorStep,
    { signal }: ProviderCall,
    path: string,
    body?: VendorBody
  ): Promise<VendorAnswer> {
    const answer = await this.#vendor.json(step, {
      method: body ? 'POST' : 'GET',
      url: BASE + path,
      headers: { 'Ai-trace-id': randomUUID() },
      body,
      timeoutMs: execution.timeoutMs!,
      signal,
    })
    if (isRefused(answer.body)) throw refusal(step, answer)
    return answer
  }
}

function refusal(step: VendorStep, { status, headers, body }: VendorAnswer): VendorRefusal {
  return new VendorRefusal({ vendor: 'PixVerse', step, status, headers, body })
}

function pending(handle: Record<string, unknown>): ProviderAnswer {
  return { status: 'pending', handle, pollAfterMs: execution.pollIntervalMs! }
}
