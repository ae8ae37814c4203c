import { inject } from '@adonisjs/core'
import { Streams, TERMINAL_EVENTS } from '#core/streams/streams'
import { jobEventText, seqOf } from '#app/generations/event_text'
import { generationQuery } from './generation_query.js'

/** More than a job tells after its end. */
const LOOK = 20

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
    if (view.finishedAt && (await this.#isTold(accountId, jobId, afterSeq))) {
      return { outcome: 'told' }
    }
    return {
      outcome: 'open',
      follow: (signal) => this.#texts(accountId, jobId, { afterSeq, signal }),
    }
  }

  /** Whether the end was told. What is found out about the job after it, its stream does not tell. */
  async #isTold(accountId: string, jobId: string, afterSeq: number): Promise<boolean> {
    const next = await this.streams.read(accountId, jobId, afterSeq, LOOK)
    return next.length < LOOK && !next.some(({ type }) => TERMINAL_EVENTS.has(type))
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
