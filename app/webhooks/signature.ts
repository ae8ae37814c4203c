import { createHmac, randomBytes } from 'node:crypto'

const PREFIX = 'whsec_'

/** A new secret, as Standard Webhooks writes one: 256 bits of chance. */
export function newSecret(): string {
  return PREFIX + randomBytes(32).toString('base64')
}

interface Message {
  id: string
  at: Date
  body: string
}

/**
 * The headers of Standard Webhooks: whoever has one of the secrets can tell that the body came
 * from us, and when. Several secrets sign while one takes over from another.
 */
export function signatureHeaders({ id, at, body }: Message, secrets: string[]) {
  const timestamp = Math.floor(at.getTime() / 1000)
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
    const digest = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
    return `v1,${digest}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  }
}
