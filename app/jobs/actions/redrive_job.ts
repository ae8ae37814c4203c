import { inject } from '@adonisjs/core'
import type { Actor } from '#core/ledger/types'
import { JobQueue } from '#core/queue/job_queue'
import type { JobRef } from '#core/queue/types'
import { redoItem } from '#app/batches/actions/redo_item'
import { StartGeneration, type StartOutcome } from '#app/generations/actions/start_generation'
import { generationToRedoQuery } from '#app/generations/queries/generation_to_redo_query'

export type RedriveOutcome =
  /** A job without a price waits again, under its id. */
  | { outcome: 'queued' }
  /** A generation was started anew, with a hold of its own. */
  | { outcome: 'started'; generationId: string }
  /** It may not be started now, and the dead letter stays: no credit, a limit, an input that is none any more. */
  | Extract<StartOutcome, { outcome: 'refused' | 'invalid' }>
  /** Another with its dedupe key is open. */
  | { outcome: 'duplicate' }
  /** Its owner deleted what was asked for. */
  | { outcome: 'forgotten' }
  /** It is no dead letter, or not any more. */
  | { outcome: 'missing' }

/**
 * Has the work of a dead letter done again. A plain job goes back into the queue. The hold of a
 * generation was returned when it failed and stays so: it is started like any other, at today's
 * price, for the same user. That of a batch counts towards its budget, and becomes its item.
 */
@inject()
export class RedriveJob {
  constructor(
    private readonly queue: JobQueue,
    private readonly start: StartGeneration
  ) {}

  async handle(request: JobRef & { metered: boolean; actor: Actor }): Promise<RedriveOutcome> {
    if (request.metered) return this.#startAnew(request)
    const outcome = await this.queue.redrive(request, request.actor)
    if (outcome === 'queued') this.queue.wake()
    return { outcome }
  }

  async #startAnew({
    accountId,
    jobId,
    actor,
  }: JobRef & { actor: Actor }): Promise<RedriveOutcome> {
    const generation = await generationToRedoQuery(accountId, jobId)
    if (!generation) return { outcome: 'missing' }
    const { input, ...rest } = generation
    if (!input) return { outcome: 'forgotten' }
    const started = await this.start.handle({
      ...rest,
      accountId,
      actor,
      input,
      // Pressed twice, it is started once.
      idempotency: { key: `redrive ${jobId}`, requestHash: 'redrive' },
    })
    switch (started.outcome) {
      case 'started':
      case 'exists': {
        const generationId =
          started.outcome === 'started' ? started.generation.id : started.generationId
        // They share what follows the prefix.
        const by = { jobId: generationId.replace('gen_', 'job_'), actor }
        await this.queue.replaced({ accountId, jobId }, by)
        if (rest.batch) await redoItem({ accountId, batchId: rest.batch.id, jobId, generationId })
        return { outcome: 'started', generationId }
      }
      case 'refused':
      case 'invalid':
        return started
      // Neither can be: it has no key, and the request under this idempotency key is always the same.
      case 'conflict':
      case 'key_revoked':
        return { outcome: 'missing' }
    }
  }
}
