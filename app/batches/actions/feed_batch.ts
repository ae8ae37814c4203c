import { inject } from '@adonisjs/core'
import { failpoint } from '#core/failpoint'
import { PluginRegistry } from '#core/plugins/registry'
import settings from '#config/batches'
import {
  isStillTheirs,
  nextItemsQuery,
  type BatchToAdvance,
  type ItemToStart,
} from '#app/batches/queries/batch_to_advance_query'
import type { Waiting } from '#app/batches/queries/batches_query'
import { verdictOf } from '#app/batches/verdict'
import { StartGeneration } from '#app/generations/actions/start_generation'

export interface Skip {
  n: number
  code: string
  message: string
}

/** What was fed, and why not more. */
export interface Feed {
  nextItem: number
  started: number
  skipped: Skip[]
  /** Every further item that can cost more than this does not fit either. */
  skipLeft: { above: string; code: string; message: string } | null
  waiting: Waiting | null
  /** Whether somebody has to act before it goes on. */
  isPaused: boolean
  /** Not sooner than this. */
  until: Date | null
  /** The batch is over, whatever is left of it. */
  over: string | null
}

const NO_ROOM = {
  code: 'budget',
  message: 'What was left of the budget of the batch was less than this item can cost.',
}

/** What keeps an item from being started, but not for good. */
const TIME_MENDS = new Set(['model_suspended', 'provider_unavailable'])

/** Starts the next items of a batch, one after the other, as far as there is room for them. */
@inject()
export class FeedBatch {
  constructor(
    private readonly start: StartGeneration,
    private readonly registry: PluginRegistry
  ) {}

  /** Answers `null` where another job looks after the batch by now. */
  async handle(batch: BatchToAdvance, open: number, signal: AbortSignal): Promise<Feed | null> {
    const feed: Feed = {
      nextItem: batch.nextItem,
      started: 0,
      skipped: [],
      skipLeft: null,
      waiting: null,
      isPaused: false,
      until: null,
      over: null,
    }
    const room = settings.inFlight - open
    const items = room > 0 ? await nextItemsQuery(batch, room) : []
    for (const item of items) {
      signal.throwIfAborted()
      if (!(await isStillTheirs(batch))) return null
      if (new Date() >= batch.deadline) return feed
      if (!(await this.#feed(batch, item, feed, open))) return feed
      feed.nextItem = item.n + 1
      failpoint('between-starts')
    }
    // Behind the last one there are only items that were skipped.
    if (items.length < room) feed.nextItem = batch.size
    return feed
  }

  /** Whether to go on with the next one. */
  async #feed(batch: BatchToAdvance, item: ItemToStart, feed: Feed, open: number) {
    const left = feed.skipLeft && BigInt(feed.skipLeft.above)
    if (left !== null && item.ceiling.micro > left) {
      feed.skipped.push({ n: item.n, ...NO_ROOM })
      return true
    }
    const outcome = await this.start.handle(this.#request(batch, item))
    switch (outcome.outcome) {
      case 'started':
      case 'exists':
        feed.started += 1
        return true
      case 'conflict': {
        const message = 'The idempotency key of this item was used for another request.'
        feed.skipped.push({ n: item.n, code: 'idempotency_key_reused', message })
        return true
      }
      case 'invalid': {
        const { code, message } = outcome.problem
        if (!TIME_MENDS.has(code)) {
          feed.skipped.push({ n: item.n, code, message })
          return true
        }
        feed.waiting = { code, message, refusal: null }
        feed.isPaused = true
        const { retryAfterSeconds } = outcome.problem
        const wait = retryAfterSeconds === undefined ? settings.resume : retryAfterSeconds * 1000
        feed.until = new Date(Date.now() + wait)
        return false
      }
      case 'key_revoked':
        feed.over = 'key_revoked'
        return false
      case 'refused': {
        const verdict = verdictOf(outcome.refusal, outcome.refusalId, new Date())
        const isAlone = open + feed.started === 0
        if (verdict.is === 'over') {
          feed.over = verdict.code
          return false
        }
        if (verdict.is === 'budget') {
          // What is under way may cost less than was held for it, and make room.
          if (!isAlone) return false
          feed.skipped.push({ n: item.n, ...NO_ROOM })
          feed.skipLeft = { above: verdict.room.toString(), ...NO_ROOM }
          return true
        }
        feed.waiting = verdict.waiting
        feed.isPaused = verdict.is === 'money' && isAlone
        // Of what is under way credits may come back sooner.
        feed.until = verdict.is === 'money' && !isAlone ? null : verdict.until
        return false
      }
    }
  }

  #request(batch: BatchToAdvance, item: ItemToStart) {
    const { accountId, actor, keyId, userId, id, budget } = batch
    const model = this.registry.find(item.model)
    const longest = Date.now() + (model?.execution.deadlineMs ?? 0)
    return {
      id: item.generationId,
      accountId,
      actor,
      keyId,
      userId,
      endUser: item.endUser,
      model: item.model,
      input: item.input,
      metadata: item.metadata,
      deadline: new Date(Math.min(batch.deadline.getTime(), longest)),
      batch: { id, budget },
      // The same however often it is tried: an item is started once.
      idempotency: { key: item.generationId, requestHash: `${id} ${item.n}` },
    }
  }
}
