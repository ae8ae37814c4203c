import { VendorHttp, VendorUnreachable } from '#core/plugins/vendor_http'

/** For plugins that ask nobody. */
export class Nowhere extends VendorHttp {
  async send(): Promise<never> {
    throw new VendorUnreachable('Nobody', { sent: false, reason: 'ENETUNREACH' })
  }

  download = this.send
}

/** What a registry hands plugins in tests that are not about it. */
export const PLAIN_TOOLS = {
  tools: { logger: { debug() {}, warn() {} }, now: () => new Date() },
  reach: () => new Nowhere(),
}
