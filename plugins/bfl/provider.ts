import {
  ModelProvider,
  type ProviderAnswer,
  type ProviderCall,
  type VendorCallback,
} from '#core/plugins/model_provider'
import type { VendorHttp } from '#core/plugins/vendor_http'
import { VendorRefusal } from '#core/plugins/vendor_steps'
import { BflClient } from './client.js'
import {
  classify,
  linkOf,
  readCallback,
  stateOf,
  toHandle,
  toReport,
  toTask,
  usage,
  type TaskHandle,
} from './mapping.js'
import { models } from './models.js'

/** A task is submitted, and polled at its own address, until it has a picture or says why not. */
export class BflProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #client: BflClient
  readonly #webhookSecret: string | null

  constructor(http: VendorHttp, { webhookSecret }: { webhookSecret: string | null }) {
    super()
    this.#client = new BflClient(http)
    this.#webhookSecret = webhookSecret
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const task = await toTask(call, this.#webhookSecret)
    const { body, status } = await this.#client.submit(call.model, task, patienceOf(call))
    const handle = toHandle(body)
    if (!handle) throw refusal('submit', status, body)
    return pending(call.model, handle)
  }

  async poll(call: ProviderCall, handle: TaskHandle): Promise<ProviderAnswer> {
    const { body, status } = await this.#client.task(handle.polling_url, patienceOf(call))
    const state = stateOf(body)
    if (state === 'working') return pending(call.model, handle)
    if (state === 'over') throw refusal('poll', status, body)
    const url = linkOf(body)
    return { status: 'done', outputs: url ? [{ url }] : [], raw: toReport(handle, body) }
  }

  parseWebhook(callback: VendorCallback) {
    return readCallback(callback, this.#webhookSecret)
  }
}

function pending(model: string, handle: TaskHandle): ProviderAnswer {
  return { status: 'pending', handle, pollAfterMs: executionOf(model).pollIntervalMs! }
}

function patienceOf({ model, signal }: ProviderCall) {
  return { timeoutMs: executionOf(model).timeoutMs!, signal }
}

function executionOf(model: string) {
  return models.find(({ id }) => id === model)!.execution
}

function refusal(step: 'submit' | 'poll', status: number, body: unknown) {
  return new VendorRefusal({ vendor: 'Black Forest Labs', step, status, body })
}
