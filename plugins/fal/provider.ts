import type { PluginTools } from '#core/plugins/define_plugin'
import {
  ModelProvider,
  type CallbackReading,
  type ProviderAnswer,
  type ProviderCall,
} from '#core/plugins/model_provider'
import { operatorInput } from '#core/plugins/operator_input'
import type { OperatorModel } from '#core/plugins/operator_models'
import { textAt, VendorRefusal, VendorSteps, type VendorAnswer } from '#core/plugins/vendor_steps'
import { classify, isWithheld, ResultRefused, toOutputs, toReport, usage } from './mapping.js'
import { offersOf, pollIntervalMs, timeoutMs } from './models.js'

const BASE = 'https://queue.fal.run'

/** Where a request is asked about, as fal has said at its submit. */
interface Handle extends Record<string, unknown> {
  id: string
  status: string
  result: string
  cancel: string
}

/** Whatever its operator offers of fal: a request in its queue, and then its result. */
export class FalProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps
  readonly #offers: OperatorModel[]

  constructor({ http, secrets }: Pick<PluginTools, 'http' | 'secrets'>) {
    super()
    this.#vendor = new VendorSteps(http, 'fal')
    this.#offers = offersOf(secrets.FAL_MODELS)
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const offer = this.#offer(call)
    const url = new URL(`${BASE}/${offer.calls}`)
    if (call.callbackUrl !== null) url.searchParams.set('fal_webhook', call.callbackUrl)
    const json = await operatorInput(call, offer)
    const answer = await this.#vendor.json('submit', {
      ...{ method: 'POST', url: url.href, body: { json }, timeoutMs, signal: call.signal },
    })
    const handle = handleOf(answer.body)
    if (!handle) throw refusal('submit', answer)
    return pending(handle)
  }

  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const known = handle as Handle
    const { body } = await this.#get(call, known.status)
    if (textAt(body, 'status') !== 'COMPLETED') return pending(known)
    const result = await this.#result(call, known)
    const outputs = toOutputs(result.body, call, this.#offer(call))
    if (outputs.length === 0 && isWithheld(result.body)) {
      throw new ResultRefused(refusal('poll', result))
    }
    const raw = { ...toReport(body, outputs.length), request_id: known.id }
    return { status: 'done', outputs, raw }
  }

  async cancel(_call: ProviderCall, handle: Record<string, unknown>): Promise<void> {
    // The signal of a job that is canceled has been aborted already.
    const { signal } = new AbortController()
    const url = (handle as Handle).cancel
    await this.#vendor.json('cancel', { method: 'PUT', url, timeoutMs, signal })
  }

  /** What fal signs it with is not known to us: anybody could have sent it. */
  parseWebhook(): CallbackReading {
    return { is: 'news' }
  }

  async #result(call: ProviderCall, { result }: Handle): Promise<VendorAnswer> {
    try {
      return await this.#get(call, result)
    } catch (error) {
      throw error instanceof VendorRefusal ? new ResultRefused(error) : error
    }
  }

  #get({ signal }: ProviderCall, url: string): Promise<VendorAnswer> {
    return this.#vendor.json('poll', { method: 'GET', url, timeoutMs, signal })
  }

  #offer({ model }: ProviderCall): OperatorModel {
    return this.#offers.find(({ manifest }) => manifest.id === model)!
  }
}

function handleOf(body: unknown): Handle | null {
  const id = textAt(body, 'request_id')
  const [status, result] = [textAt(body, 'status_url'), textAt(body, 'response_url')]
  const cancel = textAt(body, 'cancel_url')
  return id && status && result && cancel ? { id, status, result, cancel } : null
}

function refusal(step: 'submit' | 'poll', { status, headers, body }: VendorAnswer): VendorRefusal {
  return new VendorRefusal({ vendor: 'fal', step, status, headers, body })
}

function pending(handle: Handle): ProviderAnswer {
  return { status: 'pending', handle, pollAfterMs: pollIntervalMs }
}
