import type { PluginTools } from '#core/plugins/define_plugin'
import {
  ModelProvider,
  type CallbackReading,
  type ProviderAnswer,
  type ProviderCall,
  type VendorCallback,
} from '#core/plugins/model_provider'
import { operatorInput } from '#core/plugins/operator_input'
import type { OperatorModel } from '#core/plugins/operator_models'
import { at, textAt, VendorRefusal, VendorSteps } from '#core/plugins/vendor_steps'
import { classify, targetOf, toOutputs, toReport, usage } from './mapping.js'
import { offersOf, pollIntervalMs, timeoutMs } from './models.js'
import { readCallback } from './signature.js'

const BASE = 'https://api.replicate.com/v1'

/** Whatever its operator offers of Replicate: a prediction that is asked about. */
export class ReplicateProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps
  readonly #offers: OperatorModel[]
  readonly #secret: string | undefined
  readonly #now: () => Date

  constructor({ http, secrets, now }: Pick<PluginTools, 'http' | 'secrets' | 'now'>) {
    super()
    this.#vendor = new VendorSteps(http, 'Replicate')
    this.#offers = offersOf(secrets.REPLICATE_MODELS)
    this.#secret = secrets.REPLICATE_WEBHOOK_SECRET
    this.#now = now
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const offer = this.#offer(call)
    const { path, version } = targetOf(offer)
    const json = {
      ...(version !== undefined && { version }),
      input: await operatorInput(call, offer),
      ...this.#callback(call),
    }
    const { body, ...answer } = await this.#vendor.json('submit', {
      ...{ method: 'POST', url: BASE + path, body: { json }, timeoutMs, signal: call.signal },
    })
    const id = textAt(body, 'id')
    if (!id) throw new VendorRefusal({ vendor: 'Replicate', step: 'submit', ...answer, body })
    return pending(id)
  }

  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const id = String(handle.id)
    const { body, ...answer } = await this.#vendor.json('poll', {
      ...{ method: 'GET', url: `${BASE}/predictions/${id}`, timeoutMs, signal: call.signal },
    })
    const refused = () => new VendorRefusal({ vendor: 'Replicate', step: 'poll', ...answer, body })
    switch (textAt(body, 'status')) {
      case 'succeeded': {
        const outputs = toOutputs(body, call, this.#offer(call))
        if (outputs.length === 0 && at(body, 'data_removed') === true) throw refused()
        return { status: 'done', outputs, raw: toReport(body, outputs.length) }
      }
      case 'failed':
      case 'canceled':
      case 'aborted':
        throw refused()
      default:
        return pending(id)
    }
  }

  async cancel(_call: ProviderCall, { id }: Record<string, unknown>): Promise<void> {
    // The signal of a job that is canceled has been aborted already.
    const { signal } = new AbortController()
    const url = `${BASE}/predictions/${String(id)}/cancel`
    await this.#vendor.json('cancel', { method: 'POST', url, timeoutMs, signal })
  }

  parseWebhook(callback: VendorCallback): CallbackReading {
    if (!this.#secret) return { is: 'forged' }
    return readCallback(callback, { secret: this.#secret, now: this.#now() })
  }

  /** Nothing is asked to call where its word could not be believed. */
  #callback({ callbackUrl }: ProviderCall) {
    if (callbackUrl === null || !this.#secret) return {}
    return { webhook: callbackUrl, webhook_events_filter: ['completed'] }
  }

  #offer({ model }: ProviderCall): OperatorModel {
    return this.#offers.find(({ manifest }) => manifest.id === model)!
  }
}

function pending(id: string): ProviderAnswer {
  return { status: 'pending', handle: { id }, pollAfterMs: pollIntervalMs }
}
