import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { EntriesQuery } from '#app/billing/queries/entries_query'
import { readEntriesRequest } from '#app/billing/validators/list_requests'

@inject()
export default class EntriesController {
  constructor(private readonly entries: EntriesQuery) {}

  async index({ request, response, caller }: HttpContext) {
    const page = await this.entries.handle(caller.orgId, readEntriesRequest(request.qs()))
    return response.ok({
      object: 'list',
      data: page.entries.map((entry) => ({
        object: 'ledger_entry',
        seq: entry.seq.toString(),
        kind: entry.kind,
        amount: entry.amount,
        balance_after: entry.balanceAfter,
        grant: entry.grantId,
        job: entry.holdId?.startsWith('job_') ? entry.holdId : null,
        hold: entry.holdId,
        ref: entry.ref,
        actor: entry.actor,
        reason: entry.reason,
        created_at: entry.createdAt,
      })),
      next_cursor: page.next?.toString() ?? null,
    })
  }
}
