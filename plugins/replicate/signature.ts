import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CallbackReading, VendorCallback } from '#core/plugins/model_provider'

const LONGEST_AGE_S = 300
const PREFIX = 'whsec_'

/** A callback by its signature, as Standard Webhooks makes it: of id, time and body. */
export function readCallback(
  { headers, body }: VendorCallback,
  { secret, now }: { secret: string; now: Date }
): CallbackReading {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': given } = headers
  if (!id || !time || !given) return { is: 'forged' }
  const age = Math.abs(now.getTime() / 1000 - Number(time))
  if (!(age <= LONGEST_AGE_S)) return { is: 'forged' }
  const key = Buffer.from(
    secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret,
    'base64'
  )
  const right = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest()
  // Several, where the secret is being changed.
  const isRight = given.split(' ').some((one) => {
    const [version, signature] = one.split(',')
    const claimed = Buffer.from(signature ?? '', 'base64')
    return version === 'v1' && claimed.length === right.length && timingSafeEqual(claimed, right)
  })
  return { is: isRight ? 'news' : 'forged' }
}
