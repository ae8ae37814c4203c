import {
  ModelProvider,
  type CallbackReading,
  type ProviderAnswer,
  type ProviderCall,
} from '#core/plugins/model_provider'
import type { VendorHttp } from '#core/plugins/vendor_http'
import {
  measureAt,
  textAt,
  VendorRefusal,
  VendorSteps,
  type VendorAnswer,
  type VendorStep,
} from '#core/plugins/vendor_steps'
import {
  classify,
  isUnheardOf,
  LookupFailed,
  pathOf,
  taskName,
  toOutputs,
  toReport,
  toTask,
  usage,
} from './mapping.js'
import { models } from './models.js'

const BASE = 'https://api-singapore.klingai.com'
const [{ execution }] = models
const TIMEOUT_MS = execution.timeoutMs!

/** A task with an id of ours, so that it is found again when nobody heard that it was taken. */
export class KlingProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, 'Kling')
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const path = pathOf(call)
    const answer = await this.#ask('submit', path, call, await toTask(call))
    const id = textAt(answer.body, 'data', 'task_id')
    if (!id) throw refusal('submit', answer)
    return pending(path, id)
  }

  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const [path, id] = [String(handle.path), String(handle.id)]
    const answer = await this.#ask('poll', `${path}/${id}`, call)
    const { body } = answer
    switch (textAt(body, 'data', 'task_status')) {
      case 'succeed': {
        const outputs = toOutputs(body, call)
        return { status: 'done', outputs, raw: toReport(body, outputs.length) }
      }
      case 'failed':
        throw refusal('poll', answer)
      default:
        return pending(path, id)
    }
  }

  /** The attempt in doubt is this one, or the one before where its worker was lost. */
  async lookup(call: ProviderCall): Promise<ProviderAnswer | null> {
    const path = pathOf(call)
    for (const attempt of [call.attempt, call.attempt - 1]) {
      const id = attempt > 0 ? await this.#find(call, `${path}/${taskName(call, attempt)}`) : null
      if (id) return pending(path, id)
    }
    return null
  }

  /** Anybody could have sent it. */
  parseWebhook(): CallbackReading {
    return { is: 'news' }
  }

  async #find(call: ProviderCall, path: string): Promise<string | null> {
    try {
      const { body } = await this.#ask('poll', path, call)
      // What has failed already was heard to fail, and is no reason not to try again.
      const isOver = textAt(body, 'data', 'task_status') === 'failed'
      return isOver ? null : (textAt(body, 'data', 'task_id') ?? null)
    } catch (error) {
      if (call.signal.aborted) throw error
      if (isUnheardOf(error)) return null
      throw new LookupFailed(error)
    }
  }

  /** A body whose code is not 0 is a refusal, whatever the status says. */
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
    if (measureAt(answer.body, 'code') !== 0) throw refusal(step, answer)
    return answer
  }
}

function refusal(step: VendorStep, { status, headers, body }: VendorAnswer): VendorRefusal {
  return new VendorRefusal({ vendor: 'Kling', step, status, headers, body })
}

function pending(path: string, id: string): ProviderAnswer {
  return { status: 'pending', handle: { path, id }, pollAfterMs: execution.pollIntervalMs! }
}
