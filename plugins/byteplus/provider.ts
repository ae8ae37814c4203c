import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import type { VendorBody, VendorHttp } from '#core/plugins/vendor_http'
import { textAt, VendorRefusal, VendorSteps, type VendorStep } from '#core/plugins/vendor_steps'
import {
  classify,
  hasErrors,
  toFilm,
  toFilms,
  toLinks,
  toPictures,
  toReport,
  usage,
} from './mapping.js'
import { models } from './models.js'

const BASE = 'https://ark.ap-southeast.bytepluses.com/api/v3'
const TASKS = '/contents/generations/tasks'

/** Pictures are one long call. Films are tasks, which are asked about. */
export class BytePlusProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    super()
    this.#vendor = new VendorSteps(http, 'BytePlus')
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    return executionOf(call).shape === 'poll' ? this.#begin(call) : this.#draw(call)
  }

  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    const id = String(handle.id)
    const { body, ...answer } = await this.#ask('poll', call, 'GET', `${TASKS}/${id}`)
    switch (textAt(body, 'status')) {
      case 'succeeded': {
        const outputs = toFilms(body, call)
        return { status: 'done', outputs, raw: toReport(body, outputs.length) }
      }
      case 'failed':
      case 'cancelled':
      case 'expired':
        throw new VendorRefusal({ vendor: 'BytePlus', step: 'poll', ...answer, body })
      default:
        return pending(call, id)
    }
  }

  /** Only what still waits is called back. One that runs is refused that, and goes on. */
  async cancel(call: ProviderCall, { id }: Record<string, unknown>): Promise<void> {
    // The signal of a job that is canceled has been aborted already.
    const { signal } = new AbortController()
    try {
      await this.#vendor.bytes('cancel', {
        method: 'DELETE',
        url: `${BASE}${TASKS}/${String(id)}`,
        timeoutMs: executionOf(call).timeoutMs!,
        signal,
      })
    } catch (error) {
      if (!(error instanceof VendorRefusal) || error.status >= 500) throw error
    }
  }

  async #draw(call: ProviderCall): Promise<ProviderAnswer> {
    const json = await toPictures(call)
    const { body, ...answer } = await this.#ask('submit', call, 'POST', '/images/generations', {
      json,
    })
    const outputs = toLinks(body)
    if (outputs.length === 0 && hasErrors(body)) {
      throw new VendorRefusal({ vendor: 'BytePlus', step: 'submit', ...answer, body })
    }
    return { status: 'done', outputs, raw: toReport(body, outputs.length) }
  }

  async #begin(call: ProviderCall): Promise<ProviderAnswer> {
    const json = await toFilm(call)
    const { body, ...answer } = await this.#ask('submit', call, 'POST', TASKS, { json })
    const id = textAt(body, 'id')
    if (!id) throw new VendorRefusal({ vendor: 'BytePlus', step: 'submit', ...answer, body })
    return pending(call, id)
  }

  #ask(
    step: VendorStep,
    call: ProviderCall,
    method: 'GET' | 'POST',
    path: string,
    body?: VendorBody
  ) {
    const { timeoutMs } = executionOf(call)
    const { signal } = call
    return this.#vendor.json(step, {
      ...{ method, url: BASE + path, body, timeoutMs: timeoutMs!, signal },
    })
  }
}

function executionOf({ model }: ProviderCall) {
  return models.find(({ id }) => id === model)!.execution
}

function pending(call: ProviderCall, id: string): ProviderAnswer {
  return { status: 'pending', handle: { id }, pollAfterMs: executionOf(call).pollIntervalMs! }
}
