import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { newId } from '#core/ids'
import type { ClaimedJob } from '#core/queue/types'
import { JobQueue } from '#core/queue/job_queue'
import settings from '#config/batches'
import { batchData } from '#app/batches/batch_data'
import {
  batchToAdvanceQuery,
  openGenerationsQuery,
  type BatchToAdvance,
} from '#app/batches/queries/batch_to_advance_query'
import { batchQuery, type BatchState, type Waiting } from '#app/batches/queries/batches_query'
import { CancelGeneration } from '#app/generations/actions/cancel_generation'
import { FeedBatch, type Skip } from './feed_batch.js'

type Job = Pick<ClaimedJob, 'accountId' | 'id' | 'payload'>

interface Look {
  state: BatchState
  nextItem?: number
  waiting?: Waiting | null
  endsAs?: 'canceled' | 'expired'
  endsBecause?: string
  skipped?: Skip[]
  skipLeft?: { above: string | null; code: string; message: string } | null
  /** Nothing has changed since the last look. */
  isIdle?: boolean
  until?: Date | null
}

const ENDED: Record<string, string> = {
  canceled: 'The batch was canceled.',
  deadline: 'The deadline of the batch had come.',
  key_revoked: 'The API key that the batch was asked for with was revoked.',
  account_closed: 'The account was closed.',
}

/**
 * Looks after a batch once: starts what there is room for, ends what has to end, and has it looked
 * after again. Whatever dies in the middle is done by the next look: items have their generations'
 * ids beforehand, so none is started twice.
 */
@inject()
export class AdvanceBatch {
  constructor(
    private readonly feed: FeedBatch,
    private readonly cancel: CancelGeneration,
    private readonly queue: JobQueue
  ) {}

  async handle(job: Job, signal: AbortSignal, now = new Date()): Promise<void> {
    const { accountId, id: jobId, payload } = job
    const batch = await batchToAdvanceQuery({ accountId, id: String(payload.batch), jobId })
    if (!batch) return
    const look = await this.#look(batch, signal, now)
    if (look) await this.#record(batch, look, Number(payload.idle ?? 0))
  }

  async #look(batch: BatchToAdvance, signal: AbortSignal, now: Date): Promise<Look | null> {
    const open = await openGenerationsQuery(batch)
    if (batch.endsAs) return this.#end(batch, open, now)
    if (batch.nextItem >= batch.size && open.length === 0) return { state: 'completed' }
    if (batch.deadline <= now) {
      return { state: 'running', endsAs: 'expired', endsBecause: 'deadline' }
    }
    const feed = await this.feed.handle(batch, open.length, signal)
    if (!feed) return null
    if (feed.over) {
      const { nextItem, skipped } = feed
      return { state: 'running', nextItem, skipped, endsAs: 'canceled', endsBecause: feed.over }
    }
    return {
      ...feed,
      state: feed.isPaused ? 'paused' : 'running',
      isIdle: feed.nextItem === batch.nextItem && open.length > 0,
    }
  }

  /**
   * Stops what is under way; it ends for good once nothing is, and a while after it was told to: who
   * was starting an item just then has done it by now.
   */
  async #end(batch: BatchToAdvance, open: { id: string; canceling: boolean }[], now: Date) {
    const { accountId } = batch
    for (const { id, canceling } of open) {
      if (!canceling) await this.cancel.handle({ accountId, id, actor: batch.actor })
    }
    const isOver = now.getTime() - batch.endingAt!.getTime() > settings.look.soonest
    const isDone = batch.nextItem >= batch.size && open.length === 0 && isOver
    const code = batch.endsBecause!
    return {
      state: isDone ? batch.endsAs! : ('running' as const),
      nextItem: batch.size,
      ...(isDone ? {} : { skipLeft: { above: null, code, message: ENDED[code] } }),
    }
  }

  async #record(batch: BatchToAdvance, look: Look, idleBefore: number) {
    const { accountId, id, jobId } = batch
    const idle = look.isIdle ? idleBefore + 1 : 0
    const answers = await db.rawQuery('select batch_record(?) as recorded', [
      JSON.stringify({
        account: accountId,
        batch: id,
        job: jobId,
        state: look.state,
        from_item: batch.nextItem,
        next_item: look.nextItem ?? batch.nextItem,
        waiting: look.waiting ?? null,
        ends_as: look.endsAs ?? batch.endsAs,
        ends_because: look.endsBecause ?? batch.endsBecause,
        skipped: look.skipped ?? [],
        skip_left: look.skipLeft ?? null,
        look_at: lookAt(batch, look, idle),
        idle,
        happened: await happening(batch, look),
      }),
    ])
    if (answers.rows[0].recorded) this.queue.wake()
  }
}

function lookAt({ deadline, endsAs }: BatchToAdvance, { until }: Look, idle: number): Date {
  const { soonest, latest } = settings.look
  const now = Date.now()
  const next = until?.getTime() ?? now + Math.min(soonest * 2 ** idle, latest)
  return new Date(Math.max(now, endsAs ? next : Math.min(next, deadline.getTime())))
}

/** What others are told of a change of state: with how the items stood just before it. */
async function happening({ accountId, id, state: before }: BatchToAdvance, look: Look) {
  const { state, waiting = null } = look
  if (state === before || state === 'running') return null
  const batch = await batchQuery(accountId, id)
  const at = new Date()
  const isOver = state !== 'paused'
  return {
    account: accountId,
    event: newId('evt'),
    type: `batch.${state}`,
    facts: batchData({ ...batch!, state, waiting, lookAt: null, finishedAt: isOver ? at : null }),
    at,
    url: batch!.webhookUrl,
  }
}
