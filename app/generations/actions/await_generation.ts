import { inject } from '@adonisjs/core'
import { Streams } from '#core/streams/streams'
import { generationQuery, type GenerationView } from '#app/generations/queries/generation_query'

/** Waits for a generation to end, or for `signal`. Holds no database connection meanwhile. */
@inject()
export class AwaitGeneration {
  constructor(private readonly streams: Streams) {}

  async handle(accountId: string, id: string, signal: AbortSignal): Promise<GenerationView | null> {
    const view = await generationQuery(accountId, id)
    if (!view || view.finishedAt || signal.aborted) return view
    for await (const event of this.streams.follow(accountId, view.jobId, { afterSeq: 0, signal })) {
      // Only the end matters here; `follow` stops after it.
      void event
    }
    return generationQuery(accountId, id)
  }
}
