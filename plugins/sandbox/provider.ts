import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import { classify, toDone, toOrder, toPending, usage } from './mapping.js'
import { SandboxVendor } from './vendor.js'
import type { WireTask } from './wire.js'

/** Pretends to call a vendor, so that everything around a real one can be tried without a key. */
export class SandboxProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #now: () => Date
  readonly #vendor: SandboxVendor

  constructor({ now }: { now(): Date }) {
    super()
    this.#now = now
    this.#vendor = new SandboxVendor({ now })
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    return stoppable(call, async () => {
      const task = this.#vendor.accept(toOrder(call))
      if (task.ready_at > this.#now().getTime()) return toPending(task, this.#now())
      return this.#look(call, task)
    })
  }

  async poll(call: ProviderCall, handle: Record<string, unknown>): Promise<ProviderAnswer> {
    return stoppable(call, () => this.#look(call, handle as unknown as WireTask))
  }

  async cancel(_call: ProviderCall, handle: Record<string, unknown>) {
    this.#vendor.cancel(handle as unknown as WireTask)
  }

  async close() {
    await this.#vendor.close()
  }

  async #look(call: ProviderCall, task: WireTask): Promise<ProviderAnswer> {
    const order = toOrder(call)
    const answer = await this.#vendor.look(order, task, call.signal)
    if (answer.state === 'finished') return toDone(answer, order)
    call.progress(answer.progress ?? 0)
    return toPending(answer, this.#now())
  }
}

/** A caller that went away is answered under one name, whatever the signal's reason is. */
async function stoppable<Result>(
  { signal }: ProviderCall,
  work: () => Promise<Result>
): Promise<Result> {
  try {
    signal.throwIfAborted()
    return await work()
  } catch (error) {
    if (signal.aborted) throw new DOMException('The work was stopped.', 'AbortError')
    throw error
  }
}
