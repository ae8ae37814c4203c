import { inject } from '@adonisjs/core'
import { UsageRetention, type PrunableMonth } from '#core/usage/usage_retention'
import { archiveUsage } from '#app/billing/usage_archive'

interface PruneRequest {
  months: PrunableMonth[]
  /** Where each month is written to before it is dropped. */
  archive?: string
  onMonth?: (month: PrunedMonth) => void
}

export interface PrunedMonth {
  month: string
  events: bigint
  archive: string | null
  /** Why it was kept; `null` when it was dropped. */
  kept: string | null
}

/** Drops old usage events month by month; every total stays what it was. */
@inject()
export class PruneUsage {
  constructor(private readonly retention: UsageRetention) {}

  /** The months that are due, by how many whole ones are kept before this one. Changes nothing. */
  plan(keep: number): Promise<PrunableMonth[]> {
    return this.retention.prunable(keep)
  }

  async handle({ months, archive, onMonth }: PruneRequest): Promise<PrunedMonth[]> {
    const done: PrunedMonth[] = []
    for (const month of months) {
      const pruned = await this.#prune(month, archive)
      done.push(pruned)
      onMonth?.(pruned)
    }
    return done
  }

  async #prune(
    { month, events, blocked }: PrunableMonth,
    directory?: string
  ): Promise<PrunedMonth> {
    if (blocked) return { month, events, archive: null, kept: blocked }
    const written = directory
      ? await archiveUsage(directory, month, this.retention.events(month))
      : null
    // What was archived is what must be dropped: an event more, and the month is kept.
    const result = await this.retention.seal(month, written?.events ?? events)
    const archive = written?.path ?? null
    switch (result.outcome) {
      case 'sealed':
        return { month, events: result.events, archive, kept: null }
      case 'blocked':
        return { month, events, archive, kept: result.reason }
      case 'missing':
        return { month, events: 0n, archive, kept: 'somebody else dropped it meanwhile' }
    }
  }
}
