import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import type { VendorHttp } from '#core/plugins/vendor_http'
import {
  textAt,
  VendorRefusal,
  VendorSteps,
  type VendorAnswer,
  type VendorStep,
} from '#core/plugins/vendor_steps'
import { classify, codeOf, idAt, readCallback, toOutputs, toTask, usage } from './mapping.js'
import { models } from './models.js'

const BASE = 'https://api.minimax.io/v1'
const [{ execution }] = models
const TIMEOUT_MS = execution.timeoutMs!

/** Three steps: a task is started, asked about, and its file is asked for by an id of its own. */
export class MiniMaxProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly parseWebhook = readCallback
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, 'MiniMax')
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const answer = await this.#ask('submit', '/video_generation', call, await toTask(call))
    const id = idAt(answer.body, 'task_id')
    if (!id) throw refusal('submit', answer)
    return pending(id)
  }

  /** A finished task is asked for its link each time: it lives for hours, and a job for longer. */
  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const id = String(handle.task_id)
    const query = new URLSearchParams({ task_id: id })
    const answer = await this.#ask('poll', `/query/video_generation?${query}`, call)
    const status = textAt(answer.body, 'status')
    if (status === 'Fail') throw refusal('poll', answer)
    if (status !== 'Success') return pending(id)
    const file = idAt(answer.body, 'file_id')
    const outputs = file ? await this.#file(call, file) : []
    return { status: 'done', outputs, raw: { task_id: id, outputs: outputs.length } }
  }

  async #file(call: ProviderCall, id: string) {
    const query = new URLSearchParams({ file_id: id })
    const { body } = await this.#ask('poll', `/files/retrieve?${query}`, call)
    return toOutputs(body, call)
  }

  /** An answer of status 200 is a refusal all the same where its code is not 0. */
  async #ask(
    step: VendorStep,
    path: string,
    { signal }: ProviderCall,
    json?: unknown
  ): Promise<VendorAnswer> {
    const answer = await this.#vendor.json(step, {
      ...{ method: json ? 'POST' : 'GET', url: BASE + path, timeoutMs: TIMEOUT_MS, signal },
      ...(json !== undefined && { body: { json } }),
    })
    if (codeOf(answer.body) !== 0) throw refusal(step, answer)
    return answer
  }
}

function refusal(step: VendorStep, { status, headers, body }: VendorAnswer): VendorRefusal {
  return new VendorRefusal({ vendor: 'MiniMax', step, status, headers, body })
}

function pending(id: string): ProviderAnswer {
  return { status: 'pending', handle: { task_id: id }, pollAfterMs: execution.pollIntervalMs! }
}
