import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from '@adonisjs/core/logger'
import type { RedisService } from '@adonisjs/redis/types'
import { Bus } from './bus.js'

const CHANNEL = 'daygen'
/** A start does not wait longer than this for a Redis that is away. */
const PATIENCE_MS = 2_000
/** Nor an end for its last words and its connections. */
const LAST_WORDS_MS = 500

/** Publish and subscribe on Redis, for installations that have one. */
export class RedisBus extends Bus {
  readonly #process = randomUUID()
  #sent: Promise<void> = Promise.resolve()

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
    await atMost(LAST_WORDS_MS, this.#sent)
    // Not a farewell that waits for an answer: Redis may be away. Whoever closes it all next must
    // find nothing left to say goodbye to.
    const ended = Object.values(this.redis.activeConnections).map((one) => one?.once('end'))
    await this.redis.disconnectAll()
    await atMost(LAST_WORDS_MS, Promise.all(ended))
  }

  protected send(topic: string, message: string) {
    const word = `${this.#process}\n${topic}\n${message}`
    this.#sent = this.redis.publish(CHANNEL, word).then(
      () => {},
      (error) => this.logger.debug({ err: error }, 'a word to the other processes was lost')
    )
  }

  #receive(payload: string) {
    const [sender, topic, message] = payload.split('\n')
    if (sender !== this.#process) this.deliver(topic, message)
  }
}

function atMost(ms: number, task: Promise<unknown>) {
  return Promise.race([task, wait(ms, undefined, { ref: false })])
}
