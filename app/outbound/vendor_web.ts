import { isLoopbackAddress } from './public_address.js'
import { PublicWeb } from './public_web.js'

const CONNECT_MS = 10_000

/** Where vendors are reached: on the open internet, and nowhere near this machine. */
export function vendorWeb(): PublicWeb {
  return new PublicWeb({ ports: { 'https:': 443 }, connectTimeoutMs: CONNECT_MS })
}

/** Where a fake of a vendor is reached: on this machine, and nowhere else. */
export function fakeVendorWeb(): PublicWeb {
  return new PublicWeb({
    ports: { 'http:': null },
    connectTimeoutMs: CONNECT_MS,
    allow: isLoopbackAddress,
  })
}
