import { inject } from '@adonisjs/core'
import { Streams, type JobEvent } from '#core/streams/streams'
import { generationQuery } from './generation_query.js'

export type GenerationEvents =
  /** What was told after that one, and what will be until the end. */
  | { outcome: 'open'; follow(signal: AbortSignal): AsyncIterable<JobEvent> }
  /** The generation has ended, and its end was told. */
  | { outcome: 'told' }
  | { outcome: 'missing' }

/** The story of one generation, from after the event that was seen last. */
@inject()
export class GenerationEventsQuery {
  constructor(private readonly streams: Streams) {}

  async handle(accountId: string, id: string, afterSeq: number): Promise<GenerationEvents> {
    const view = await generationQuery(accountId, id)
    if (!view) return { outcome: 'missing' }
    const next = await this.streams.read(accountId, view.jobId, afterSeq, 1)
    if (view.finishedAt && next.length === 0) return { outcome: 'told' }
    return {
      outcome: 'open',
      follow: (signal) => this.streams.follow(accountId, view.jobId, { afterSeq, signal }),
    }
  }
}
