import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '@adonisjs/core/logger'
import type { RedisService } from '@adonisjs/redis/types'
import { Bus } from './bus.js'

const CHANNEL = 'daygen'
/** A start does not wait longer than this for a Redis that is away. */
const PATIENCE_MS = 2_000

/** Publish and subscribe on Redis, for installations that have one. */
export class RedisBus extends Bus {
  readonly #process = randomUUID()

  constructor(
    private readonly redis: RedisService,
    private readonly logger: Logger
  ) {
    super()
  }

  async connect() {
    const { promise: subscribed, resolve } = Promise.withResolvers<boolean>()
    this.redis.connection('bus').subscribe(CHANNEL, (payload) => this.#receive(payload), {
      onSubscription: () => resolve(true),
      onError: () => resolve(false),
    })
    // Words go out on the shared connection; made now, it is there for the first of them.
    this.redis.connection()
    if (!(await Promise.race([subscribed, wait(PATIENCE_MS, false, { ref: false })]))) {
      this.logger.warn('Redis does not answer yet. Until it does, other processes hear of nothing.')
    }
  }

  async close() {
    // Not a farewell that waits for an answer: Redis may be away.
    await this.redis.disconnectAll()
  }

  protected send(topic: string, message: string) {
    this.redis.publish(CHANNEL, `${this.#process}\n${topic}\n${message}`).catch((error) => {
      this.logger.debug({ err: error }, 'a word to the other processes was lost')
    })
  }

  #receive(payload: string) {
    const [sender, topic, message] = payload.split('\n')
    if (sender !== this.#process) this.deliver(topic, message)
  }
}
