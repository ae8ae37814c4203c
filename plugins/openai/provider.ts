import { ModelProvider, type ProviderAnswer, type ProviderCall } from '#core/plugins/model_provider'
import { filesOf } from '#core/plugins/references'
import type { VendorHttp } from '#core/plugins/vendor_http'
import { OpenAiClient } from './client.js'
import { classify, toEdit, toGeneration, toOutputs, toReport, usage } from './mapping.js'
import { models } from './models.js'

/** One long call, and the pictures are in its answer. Whoever brings pictures, edits. */
export class OpenAiProvider extends ModelProvider {
  readonly classify = classify
  readonly usage = usage
  readonly #client: OpenAiClient

  constructor(http: VendorHttp) {
    super()
    this.#client = new OpenAiClient(http)
  }

  async submit(call: ProviderCall): Promise<ProviderAnswer> {
    const { execution } = models.find(({ id }) => id === call.model)!
    const patience = { timeoutMs: execution.timeoutMs!, signal: call.signal }
    const isEdit = filesOf(call.references, 'images').length > 0
    const answer = isEdit
      ? await this.#client.edit(await toEdit(call), patience)
      : await this.#client.generate(toGeneration(call), patience)
    const outputs = toOutputs(answer, call)
    return { status: 'done', outputs, raw: toReport(answer, outputs.length) }
  }
}
