import db from '@adonisjs/lucid/services/db'
import type { SecretRow } from '#app/webhooks/secret_store'

export interface DeliveryToSend {
  url: string
  /** Whose secret signs it. */
  owner: string
  eventId: string
  type: string
  generationId: string | null
  facts: Record<string, unknown> | null
  apiVersion: string | null
  /** 0 until it is numbered. */
  seq: number
  occurredAt: Date
  body: string | null
  /** Whether this job is still the one that tells it. */
  isOurs: boolean
  /** Whether its endpoint is there and takes it. */
  isWanted: boolean
  /** How often it was tried since it was last begun: what came before a replay does not count. */
  tries: number
  isTest: boolean
  nextAt: Date | null
  /** `null` where none was made yet. */
  secret: SecretRow | null
}

/** What the job that tells a delivery has to know, in one look. */
export async function deliveryToSendQuery(ref: {
  accountId: string
  id: string
  jobId: string
}): Promise<DeliveryToSend | null> {
  const { rows } = await db.rawQuery(
    `select d.*, coalesce(d.url, e.url) as target, coalesce(d.endpoint_id, 'org') as owner,
       d.state = 'pending' and d.job_id = ? as is_ours,
       d.endpoint_id is null
         or (e.deleted_at is null and (e.disabled_because is null or d.is_test)) as is_wanted,
       s.secret, s.previous, s.previous_until
     from webhook_deliveries d
     left join webhook_endpoints e on e.account_id = d.account_id and e.id = d.endpoint_id
     left join webhook_secrets s on s.account_id = d.account_id
       and s.owner = coalesce(d.endpoint_id, 'org')
     where d.account_id = ? and d.id = ?`,
    [ref.jobId, ref.accountId, ref.id]
  )
  const [row] = rows
  if (!row) return null
  return {
    url: row.target,
    owner: row.owner,
    eventId: row.event_id,
    type: row.type,
    generationId: row.generation_id,
    facts: row.facts,
    apiVersion: row.api_version,
    seq: Number(row.seq),
    occurredAt: row.occurred_at,
    body: row.body,
    isOurs: row.is_ours,
    isWanted: row.is_wanted,
    tries: row.attempts - row.attempts_before,
    isTest: row.is_test,
    nextAt: row.next_at,
    secret: row.secret && {
      secret: row.secret,
      previous: row.previous,
      previous_until: row.previous_until,
    },
  }
}
