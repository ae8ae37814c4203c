import { inject } from '@adonisjs/core'
import { RefusalLog, type RecordedRefusal } from '#core/quota/refusal_log'

/** What was refused and why, newest first. `next` is the id to continue below. */
@inject()
export class RefusalsQuery {
  constructor(private readonly log: RefusalLog) {}

  one(accountId: string, id: string): Promise<RecordedRefusal | null> {
    return this.log.find(accountId, id)
  }

  async page(wanted: { accountId?: string; limit: number; before?: string }) {
    const found = await this.log.list({ ...wanted, limit: wanted.limit + 1 })
    const refusals = found.slice(0, wanted.limit)
    return { refusals, next: found.length > wanted.limit ? refusals.at(-1)!.id : null }
  }
}
