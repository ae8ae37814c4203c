import { inject } from '@adonisjs/core'
import { Streams } from '#core/streams/streams'
import { jobEventText, seqOf } from '#app/generations/event_text'
import { generationQuery } from './generation_query.js'

export type GenerationEvents =
  /** What was told after that one, and what will be until the end, as server-sent events. */
  | { outcome: 'open'; follow(signal: AbortSignal): AsyncIterable<string> }
  /** The generation has ended, and its end was told. */
  | { outcome: 'told' }
  | { outcome: 'missing' }
  /** What was seen last is of another stream. */
  | { outcome: 'foreign' }

/** The story of one generation, from after the event that was seen last. */
@inject()
export class GenerationEventsQuery {
  constructor(private readonly streams: Streams) {}

  async handle(
    accountId: string,
    id: string,
    lastEventId: string | null
  ): Promise<GenerationEvents> {
    const view = await generationQuery(accountId, id)
    if (!view) return { outcome: 'missing' }
    const { jobId } = view
    const afterSeq = lastEventId === null ? 0 : seqOf(lastEventId, jobId)
    if (afterSeq === null) return { outcome: 'foreign' }
    const next = await this.streams.read(accountId, jobId, afterSeq, 1)
    if (view.finishedAt && next.length === 0) return { outcome: 'told' }
    return {
      outcome: 'open',
      follow: (signal) => this.#texts(accountId, jobId, { afterSeq, signal }),
    }
  }

  async *#texts(
    accountId: string,
    jobId: string,
    options: { afterSeq: number; signal: AbortSignal }
  ) {
    for await (const event of this.streams.follow(accountId, jobId, options)) {
      yield jobEventText(event)
    }
  }
}
