import {
  ModelProvider,
  type CallbackReading,
  type ProviderAnswer,
  type ProviderCall,
  type Usage,
} from '#core/plugins/model_provider'
import { VendorAnswerUnreadable, type VendorHttp } from '#core/plugins/vendor_http'
import { at, VendorBroke, VendorRefusal, VendorSteps } from '#core/plugins/vendor_steps'
import { classify } from './classify.js'
import {
  filmUsage,
  operationIn,
  toFilmReport,
  toFilms,
  toPrediction,
  wireIdOf,
  type FilmHandle,
} from './film_mapping.js'
import { imageUsage, toContent, toImageReport, toPictures } from './image_mapping.js'
import { models } from './models.js'

const VENDOR = 'Google'
const BASE = 'https://generativelanguage.googleapis.com/v1beta'
/** A picture of 4K as base64, and the sketches before it. */
const LARGEST_ANSWER = 128 * 1024 * 1024

/** Pictures are in the answer of one long call; films are operations that are asked about. */
export class GoogleProvider extends ModelProvider {
  readonly classify = classify
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, VENDOR)
  }

  submit(call: ProviderCall): Promise<ProviderAnswer> {
    return modelOf(call).kind === 'video' ? this.#film(call) : this.#draw(call)
  }

  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const known = handle as unknown as FilmHandle
    const { execution } = modelOf(call)
    const answer = await this.#vendor.json('poll', {
      method: 'GET',
      url: `${BASE}/${known.name}`,
      timeoutMs: execution.timeoutMs!,
      signal: call.signal,
    })
    const { body } = answer
    if (at(body, 'done') !== true) {
      return { status: 'pending', handle, pollAfterMs: execution.pollIntervalMs! }
    }
    const outputs = toFilms(body, known)
    if (outputs.length === 0) throw refusal('poll', answer)
    return { status: 'done', outputs, raw: toFilmReport(known, outputs.length) }
  }

  usage(raw: unknown): Usage {
    return at(raw, 'operation') === undefined ? imageUsage(raw) : filmUsage(raw)
  }

  /** Nothing in it is signed, so that it is only worth a question. */
  parseWebhook(): CallbackReading {
    return { is: 'news' }
  }

  async #draw(call: ProviderCall): Promise<ProviderAnswer> {
    const answer = await this.#post(call, 'generateContent', await toContent(call))
    const outputs = toPictures(answer)
    if (outputs.length === 0) throw refusal('submit', answer)
    return { status: 'done', outputs, raw: toImageReport(answer, outputs.length) }
  }

  async #film(call: ProviderCall): Promise<ProviderAnswer> {
    const answer = await this.#post(call, 'predictLongRunning', await toPrediction(call))
    const name = operationIn(answer.body)
    // It has the work, and nobody can ask for it.
    if (!name) throw new VendorBroke('submit', new VendorAnswerUnreadable(VENDOR))
    const handle = { name, seconds: Number(call.input.duration_seconds) }
    return { status: 'pending', handle, pollAfterMs: modelOf(call).execution.pollIntervalMs! }
  }

  #post(call: ProviderCall, verb: string, json: unknown) {
    return this.#vendor.json('submit', {
      method: 'POST',
      url: `${BASE}/models/${wireIdOf(call.model)}:${verb}`,
      body: { json },
      maxBytes: LARGEST_ANSWER,
      timeoutMs: modelOf(call).execution.timeoutMs!,
      signal: call.signal,
    })
  }
}

function modelOf({ model }: ProviderCall) {
  return models.find(({ id }) => id === model)!
}

/** An answer of 200 that delivers nothing, to be read as what it is. */
function refusal(
  step: 'submit' | 'poll',
  { status, headers, body }: { status: number; headers: Record<string, string>; body: unknown }
) {
  return new VendorRefusal({ vendor: VENDOR, step, status, headers, body })
}
