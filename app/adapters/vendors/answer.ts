import type { Dispatcher } from 'undici'
import { VendorAnswerUnreadable, type VendorResponse } from '#core/plugins/vendor_http'

/** What a vendor answered, whole. */
export class Answer implements VendorResponse {
  constructor(
    private readonly vendor: string,
    readonly status: number,
    readonly headers: Record<string, string>,
    readonly bytes: Uint8Array
  ) {}

  text(): string {
    return Buffer.from(this.bytes).toString('utf8')
  }

  json(): unknown {
    try {
      return JSON.parse(this.text())
    } catch {
      throw new VendorAnswerUnreadable(this.vendor)
    }
  }
}

export function headersOf(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, [value ?? []].flat().join(', ')])
  )
}
