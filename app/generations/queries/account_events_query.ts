import { inject } from '@adonisjs/core'
import { Streams, type Place } from '#core/streams/streams'
import { openPlace } from '#app/generations/event_cursor'
import { accountPageTexts, placeText } from '#app/generations/event_text'

interface Wanted {
  accountId: string
  /** What was seen last; it wins over where to begin. */
  lastEventId: string | null
  from: 'now' | 'beginning'
  /** `null` for all. */
  types: ReadonlySet<string> | null
}

/** The events of all generations of an account, as server-sent events. */
export interface AccountEvents {
  follow(signal: AbortSignal): AsyncIterable<string>
  /** Says where the reader is, so that it need not go through again what it does not want. */
  heartbeat(): string
}

@inject()
export class AccountEventsQuery {
  constructor(private readonly streams: Streams) {}

  /** `null` when what was seen last is of another stream. */
  async handle({ accountId, lastEventId, from, types }: Wanted): Promise<AccountEvents | null> {
    const { streams } = this
    const begin = () => (from === 'now' ? streams.now() : streams.beginning)
    const after = lastEventId === null ? await begin() : openPlace(accountId, lastEventId)
    if (after === null) return null
    // Behind what was written, never behind what only waits to be: the reader goes on from here.
    let told: Place = after
    return {
      async *follow(signal) {
        yield placeText(accountId, told)
        for await (const page of streams.followAccount(accountId, { after, signal })) {
          for (const { text, place } of accountPageTexts(accountId, page, types)) {
            yield text
            told = place
          }
          told = page.place
        }
      },
      heartbeat: () => `: still here\n${placeText(accountId, told)}`,
    }
  }
}
