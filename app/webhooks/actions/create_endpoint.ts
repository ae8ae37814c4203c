import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { newId } from '#core/ids'
import settings from '#config/webhooks'
import { CheckEndpoint } from '#app/webhooks/actions/check_endpoint'
import { API_VERSIONS } from '#app/webhooks/event_types'
import type { WebhookProblem } from '#app/webhooks/problem'
import { makeSecret } from '#app/webhooks/secret_store'

interface EndpointRequest {
  accountId: string
  url: string
  /** What it is told of; everything where nothing is said. */
  events?: string[]
  description?: string
  /** The newest where nothing is said. It is kept. */
  apiVersion?: string
  actor: string
}

type Created = { ok: true; id: string; secret: string } | { ok: false; problem: WebhookProblem }

/** A new endpoint with its secret, which is never to be had again. */
@inject()
export class CreateEndpoint {
  constructor(private readonly check: CheckEndpoint) {}

  async handle({ events = ['*'], ...request }: EndpointRequest): Promise<Created> {
    const problem = await this.check.handle({ url: request.url, events })
    if (problem) return { ok: false, problem }
    const id = newId('whe')
    const isRoom = await insertWithin(settings.endpointsPerOrganisation, {
      account_id: request.accountId,
      id,
      url: request.url,
      description: request.description ?? '',
      events,
      api_version: request.apiVersion ?? API_VERSIONS[0],
      created_by: request.actor,
    })
    if (!isRoom) return { ok: false, problem: tooMany() }
    return { ok: true, id, secret: await makeSecret({ accountId: request.accountId, owner: id }) }
  }
}

/** Two at once are counted one after the other. */
function insertWithin(most: number, row: { account_id: string } & Record<string, unknown>) {
  return db.transaction(async (trx) => {
    const account = row.account_id
    await trx.rawQuery(`select pg_advisory_xact_lock(hashtext('webhook_endpoints'), hashtext(?))`, [
      account,
    ])
    const [{ total }] = await trx
      .from('webhook_endpoints')
      .where('account_id', account)
      .whereNull('deleted_at')
      .count('* as total')
    if (Number(total) >= most) return false
    await trx.table('webhook_endpoints').insert(row)
    return true
  })
}

function tooMany(): WebhookProblem {
  return {
    code: 'too_many_webhook_endpoints',
    param: '/url',
    message: `An organisation has at most ${settings.endpointsPerOrganisation} endpoints. Delete one that is not needed, or send more types of events to one.`,
  }
}
