import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import { VendorAnswerUnreadable, type VendorHttp } from '#core/plugins/vendor_http'
import {
  VendorBroke,
  VendorRefusal,
  VendorSteps,
  type VendorAnswer,
  type VendorStep,
} from '#core/plugins/vendor_steps'
import { classify, pathOf, toForm, toOutputs, toReport, usage, workIn } from './mapping.js'
import { models } from './models.js'

const VENDOR = 'Stability AI'
const BASE = 'https://api.stability.ai/v2beta'
/** A picture of 4K as PNG, in base64. */
const LARGEST_ANSWER = 128 * 1024 * 1024
/** Without it the answer would be the bytes alone, and its reasons in headers. */
const AS_JSON = { accept: 'application/json' }
const WORKING = 202

/** Pictures are in the answer; only the creative upscaler answers with an id, and is asked again. */
export class StabilityProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, VENDOR)
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const { execution } = modelOf(call)
    const answer = await this.#vendor.json('submit', {
      method: 'POST',
      url: `${BASE}/stable-image/${pathOf(call.model)}`,
      body: { form: await toForm(call) },
      ...patience(call),
    })
    if (execution.shape === 'sync') return done('submit', answer, call)
    const id = workIn(answer.body)
    // It has the work, and nobody can ask for it.
    if (!id) throw new VendorBroke('submit', new VendorAnswerUnreadable(VENDOR))
    return { status: 'pending', handle: { id }, pollAfterMs: execution.pollIntervalMs! }
  }

  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const id = String(handle.id)
    const answer = await this.#vendor.json('poll', {
      method: 'GET',
      url: `${BASE}/results/${id}`,
      ...patience(call),
    })
    if (answer.status !== WORKING) return done('poll', answer, call, id)
    return { status: 'pending', handle, pollAfterMs: modelOf(call).execution.pollIntervalMs! }
  }
}

function done(
  step: VendorStep,
  answer: VendorAnswer,
  call: ProviderCall,
  id?: string
): ProviderAnswer {
  const { status, headers, body } = answer
  const outputs = toOutputs(body, call)
  if (outputs.length === 0) throw new VendorRefusal({ vendor: VENDOR, step, status, headers, body })
  return { status: 'done', outputs, raw: toReport(body, outputs.length, id) }
}

function patience(call: ProviderCall) {
  return {
    headers: AS_JSON,
    maxBytes: LARGEST_ANSWER,
    timeoutMs: modelOf(call).execution.timeoutMs!,
    signal: call.signal,
  }
}

function modelOf({ model }: ProviderCall) {
  return models.find(({ id }) => id === model)!
}
