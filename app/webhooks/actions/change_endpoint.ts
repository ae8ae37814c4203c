import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { CheckEndpoint } from '#app/webhooks/actions/check_endpoint'
import type { WebhookProblem } from '#app/webhooks/problem'

interface Change {
  url?: string
  events?: string[]
  description?: string
}

type Changed = { outcome: 'changed' | 'missing' } | { outcome: 'invalid'; problem: WebhookProblem }

/** Changes what is given. What is still to be told goes to the new URL. */
@inject()
export class ChangeEndpoint {
  constructor(private readonly check: CheckEndpoint) {}

  async handle(accountId: string, id: string, change: Change): Promise<Changed> {
    const problem = await this.check.handle(change)
    if (problem) return { outcome: 'invalid', problem }
    const changed = await ownEndpoint(accountId, id).update({ ...change, updated_at: new Date() })
    return { outcome: isOne(changed) ? 'changed' : 'missing' }
  }
}

/** Tells it nothing until it is enabled again. What happens meanwhile is kept, and can be replayed. */
export async function disableEndpoint(accountId: string, id: string): Promise<boolean> {
  const disabled = await ownEndpoint(accountId, id).update({
    disabled_because: db.raw(`coalesce(disabled_because, 'asked')`),
    disabled_at: db.raw('coalesce(disabled_at, clock_timestamp())'),
  })
  return isOne(disabled)
}

/** Begins anew: what failed before does not count. */
export async function enableEndpoint(accountId: string, id: string): Promise<boolean> {
  const enabled = await ownEndpoint(accountId, id).update({
    disabled_because: null,
    disabled_at: null,
    failing_since: null,
  })
  return isOne(enabled)
}

/** Ends it for good. What was still to be told is not. */
export async function deleteEndpoint(accountId: string, id: string): Promise<boolean> {
  return db.transaction(async (trx) => {
    const deleted = await trx
      .from('webhook_endpoints')
      .where({ account_id: accountId, id })
      .whereNull('deleted_at')
      .update({ deleted_at: new Date() })
    await trx.from('webhook_secrets').where({ account_id: accountId, owner: id }).delete()
    return isOne(deleted)
  })
}

function ownEndpoint(accountId: string, id: string) {
  return db.from('webhook_endpoints').where({ account_id: accountId, id }).whereNull('deleted_at')
}

function isOne(affected: unknown): boolean {
  return Number(affected) === 1
}
