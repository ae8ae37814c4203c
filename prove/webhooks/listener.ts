import { createHmac } from 'node:crypto'
import { WebhookReceiver, type Received } from '#tests/fakes/webhook_receiver'
import type { Random } from '../model/random.js'
import { Broken, same } from '../proof.js'

/** A second, as far as clocks of one machine go, and time to be sent. */
const FRESH_S = 60

/** An endpoint of somebody who checks what Standard Webhooks says, and is often out of order. */
export class Listener {
  /** Of each event that it took, what was sent, and how often until then. */
  readonly taken = new Map<string, { seq: number; generation: string; tries: number }>()
  readonly #bodies = new Map<string, string>()
  readonly #tries = new Map<string, number>()
  /** That sign what is begun after a moment. */
  readonly #secrets: { secret: string; since: number }[] = []
  wrong: string | null = null

  private constructor(
    private readonly receiver: WebhookReceiver,
    private readonly trouble: { part: number; random: Random }
  ) {
    receiver.respond = (response) => {
      const status = this.#hear(receiver.received.at(-1)!)
      if (status === null) response.destroy()
      else response.writeHead(status).end()
    }
  }

  /** Fails this part of what it is told. */
  static async open(part: number, random: Random): Promise<Listener> {
    return new Listener(await WebhookReceiver.open(), { part, random })
  }

  get url(): string {
    return this.receiver.url
  }

  get heard(): number {
    return this.receiver.received.length
  }

  /** This secret signs from now on, beside those before. */
  signedWith(secret: string) {
    // What is on its way just now is not signed by it.
    const since = this.#secrets.length === 0 ? 0 : Date.now() / 1000 + 1
    this.#secrets.push({ secret, since })
  }

  close() {
    this.receiver.close()
  }

  #hear(message: Received): number | null {
    const { id, seq, data } = message.body
    try {
      this.#verify(message)
      const known = this.#bodies.get(id) ?? message.text
      if (message.text !== known) throw new Broken(`a further try of ${id} says something else`)
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      this.wrong ??= error.message
    }
    this.#bodies.set(id, message.text)
    const tries = (this.#tries.get(id) ?? 0) + 1
    this.#tries.set(id, tries)
    const { part, random } = this.trouble
    if (random.next() < part) return random.pick([500, 503, 302, null])
    this.taken.set(id, { seq, generation: data.id, tries })
    return 204
  }

  /** As the standard has it: over the id, the time and the body, by every secret that is valid. */
  #verify({ headers, text, body }: Received) {
    const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures } = headers
    same('the id in the header', id, body.id)
    const age = Math.abs(Date.now() / 1000 - Number(at))
    if (!(age < FRESH_S)) throw new Broken(`a webhook is signed for another time: ${at}`)
    for (const { secret, since } of this.#secrets) {
      if (Number(at) < since) continue
      const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
      const digest = createHmac('sha256', key).update(`${id}.${at}.${text}`).digest('base64')
      if (!String(signatures).split(' ').includes(`v1,${digest}`)) {
        throw new Broken(`a webhook is not signed as the standard says: ${signatures}`)
      }
    }
  }
}
