import type { FormValue, VendorHttp } from '#core/plugins/vendor_http'
import { VendorSteps, type VendorAnswer } from '#core/plugins/vendor_steps'

const BASE = 'https://api.openai.com/v1'
/** Ten pictures of 4K, in base64. */
const LARGEST_ANSWER = 400 * 1024 * 1024

interface Patience {
  timeoutMs: number
  signal: AbortSignal
}

/** OpenAI's endpoints for images. */
export class OpenAiClient {
  readonly #vendor: VendorSteps

  constructor(http: VendorHttp) {
    this.#vendor = new VendorSteps(http, 'OpenAI')
  }

  generate(body: Record<string, unknown>, patience: Patience): Promise<VendorAnswer> {
    return this.#post('/images/generations', { json: body }, patience)
  }

  edit(form: [string, FormValue][], patience: Patience): Promise<VendorAnswer> {
    return this.#post('/images/edits', { form }, patience)
  }

  #post(
    path: string,
    body: { json: unknown } | { form: [string, FormValue][] },
    patience: Patience
  ) {
    return this.#vendor.json('submit', {
      method: 'POST',
      url: BASE + path,
      body,
      maxBytes: LARGEST_ANSWER,
      ...patience,
    })
  }
}
