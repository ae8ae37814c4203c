import logger from '@adonisjs/core/services/logger'
import { errors } from '@adonisjs/limiter'
import limiter from '@adonisjs/limiter/services/main'
import type { LimiterResponse } from '@adonisjs/limiter'
import type { RateRoom } from '#core/quota/rate_room'
import settings from '#config/edge_limits'
import env from '#start/env'

export type EdgeLimit = keyof typeof settings

/** After a failure of the shared store it is left alone for this long. */
const REST_MS = 5_000

/**
 * Counts calls at the edge: over all processes where Redis is configured, else in this one. A
 * Redis that is away costs at most its time-out every few seconds; meanwhile this process
 * counts alone. Nobody waits for it, and nobody gets an error because of it.
 */
export class EdgeLimits {
  #sharedAgainAt = 0

  /** `isShared`: whether Redis counts for all processes. */
  constructor(private readonly isShared: boolean) {}

  /** Counts one. Throws `E_TOO_MANY_REQUESTS`, with when to come back, once there were too many. */
  async consume(limit: EdgeLimit, subject: string): Promise<LimiterResponse> {
    const key = `${limit}_${subject}`
    if (this.isShared && Date.now() >= this.#sharedAgainAt) {
      try {
        return await limiter.use('redis', rule(limit)).consume(key)
      } catch (error) {
        if (error instanceof errors.E_TOO_MANY_REQUESTS) throw error
        this.#sharedAgainAt = Date.now() + REST_MS
        logger.warn({ err: error }, 'Redis is away: this process counts its own calls')
      }
    }
    return limiter.use('memory', rule(limit)).consume(key)
  }

  /** Takes back what was counted: the attempt was a good one. */
  async forgive(limit: EdgeLimit, subject: string) {
    const key = `${limit}_${subject}`
    await limiter.use('memory', rule(limit)).delete(key)
    if (!this.isShared || Date.now() < this.#sharedAgainAt) return
    await limiter
      .use('redis', rule(limit))
      .delete(key)
      .catch((error) => logger.debug({ err: error }, 'Redis is away'))
  }
}

export const edgeLimits = new EdgeLimits(Boolean(env.get('REDIS_URL')))

export function edgeRoom(limit: EdgeLimit, { remaining, availableIn }: LimiterResponse): RateRoom {
  const { requests, seconds } = settings[limit]
  return {
    rule: limit,
    limit: BigInt(requests),
    left: BigInt(remaining),
    windowSeconds: seconds,
    clearsInSeconds: availableIn,
  }
}

function rule(limit: EdgeLimit) {
  const { requests, seconds } = settings[limit]
  return { requests, duration: seconds }
}
