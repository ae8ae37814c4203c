import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { Notices } from '#core/notices/notices'
import { JobFailure } from '#core/queue/job_handler'
import type { ClaimedJob } from '#core/queue/types'
import settings from '#config/webhooks'
import { generationQuery } from '#app/generations/queries/generation_query'
import { envelope, generationData } from '#app/webhooks/envelope'
import {
  deliveryToSendQuery,
  type DeliveryToSend,
} from '#app/webhooks/queries/delivery_to_send_query'
import { makeSecret, signing, type SecretRow } from '#app/webhooks/secret_store'
import { WebhookSender, type Answer } from '#app/webhooks/sender'
import { signatureHeaders } from '#app/webhooks/signature'

type Job = Pick<ClaimedJob, 'accountId' | 'id' | 'payload'>

/**
 * Tries to tell a delivery. Throws when it has to be tried again, with the time to wait; whatever
 * else came of it is in its rows. The same webhook may arrive twice, with the same id: a process
 * that dies between the answer and its record sends it again.
 */
@inject()
export class DeliverWebhook {
  constructor(
    private readonly sender: WebhookSender,
    private readonly notices: Notices
  ) {}

  async handle(job: Job, signal: AbortSignal, now = new Date()): Promise<void> {
    const { accountId } = job
    const id = String(job.payload.delivery)
    const delivery = await deliveryToSendQuery({ accountId, id, jobId: job.id })
    if (!delivery?.isOurs) return
    // Its endpoint was locked by somebody else when it happened.
    if (delivery.seq === 0) delivery.seq = await number(accountId, id)
    if (!delivery.isWanted) return skip(accountId, id, job.id)
    // Its process died when the try was written down and the job not yet put back.
    if (delivery.nextAt && delivery.nextAt > now) {
      throw again('It is not time for the next try yet.', delivery.nextAt.getTime() - now.getTime())
    }

    const body = delivery.body ?? (await freeze(accountId, id, delivery))
    const secret = delivery.secret ?? (await firstSecret(accountId, delivery.owner))
    const headers = signatureHeaders({ id: delivery.eventId, at: now, body }, signing(secret, now))
    const answer = await this.sender.post(delivery.url, { body, headers }, signal)

    const wait = waitAfter(answer, delivery)
    await this.#record(job, { id, delivery, answer, wait, now })
    if (wait !== null) throw again(answer.error!, wait)
  }

  async #record(
    { accountId, id: jobId }: Job,
    tried: { id: string; delivery: DeliveryToSend; answer: Answer; wait: number | null; now: Date }
  ) {
    const { id, delivery, answer, wait, now } = tried
    const state = !answer.error ? 'delivered' : wait === null ? 'failed' : 'pending'
    await db.rawQuery('select webhook_record(?)', [
      JSON.stringify({
        account: accountId,
        delivery: id,
        job: jobId,
        at: now,
        url: delivery.url,
        status: answer.status,
        error: answer.error,
        response: answer.response,
        duration_ms: answer.durationMs,
        state,
        next_at: wait === null ? null : new Date(now.getTime() + wait),
        is_gone: answer.status === GONE,
        disable_after: settings.disableAfter / 1000,
      }),
    ])
    // It may have been disabled, which its owner is told.
    if (answer.error) this.notices.look(accountId)
  }
}

const GONE = 410

/** How long until the next try, or `null` where there is none. */
function waitAfter({ status, error }: Answer, { isTest, tries }: DeliveryToSend): number | null {
  if (!error || isTest || status === GONE) return null
  return settings.retryAfter[tries] ?? null
}

function again(why: string, retryAfter: number) {
  return new JobFailure(why, { retryAfter })
}

async function number(accountId: string, id: string): Promise<number> {
  const { rows } = await db.rawQuery('select webhook_number(?, ?) as seq', [accountId, id])
  return Number(rows[0].seq)
}

async function skip(accountId: string, id: string, jobId: string) {
  await db
    .from('webhook_deliveries')
    .where({ account_id: accountId, id, job_id: jobId, state: 'pending' })
    .update({ state: 'skipped', next_at: null, finished_at: new Date() })
}

/** Writes the body before it is sent first, so that every try sends the same. */
async function freeze(accountId: string, id: string, delivery: DeliveryToSend): Promise<string> {
  const { eventId, type, seq, occurredAt, apiVersion, generationId, facts } = delivery
  const view = generationId && (await generationQuery(accountId, generationId))
  const data = view ? generationData(view) : facts
  const made = envelope({ id: eventId, type, seq, occurredAt, apiVersion }, data)
  const { rows } = await db.rawQuery(
    `update webhook_deliveries set body = coalesce(body, ?)
     where account_id = ? and id = ? returning body`,
    [made, accountId, id]
  )
  return rows[0].body
}

async function firstSecret(accountId: string, owner: string): Promise<SecretRow> {
  await makeSecret({ accountId, owner })
  return db.from('webhook_secrets').where({ account_id: accountId, owner }).firstOrFail()
}
