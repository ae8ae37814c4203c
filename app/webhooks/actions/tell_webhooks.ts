import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { newId } from '#core/ids'
import type { Notice } from '#core/notices/notices'
import { JobQueue } from '#core/queue/job_queue'
import { TEST_EVENT } from '#app/webhooks/event_types'
import { noticeData } from '#app/webhooks/notice_data'
import { endpointQuery } from '#app/webhooks/queries/endpoint_query'

interface Happening {
  account: string
  event: string
  type: string
  facts: Record<string, unknown>
  at: Date
  endpoint?: string
  is_test?: boolean
}

/** Tells endpoints what did not happen in the database. A repeat tells nothing. */
@inject()
export class TellWebhooks {
  constructor(private readonly queue: JobQueue) {}

  /** Of a notice, where it is for its account's eyes. */
  async notice(notice: Notice): Promise<void> {
    const told = noticeData(notice.facts)
    if (!told) return
    const { accountId: account, id, createdAt: at } = notice
    await this.#raise({ account, event: id.replace(/^ntc/, 'evt'), ...told, at })
  }

  /** Tries one endpoint, even one that is disabled. Answers the delivery's id, `null` without endpoint. */
  async test(accountId: string, endpointId: string): Promise<string | null> {
    if (!(await endpointQuery(accountId, endpointId))) return null
    const [id = null] = await this.#raise({
      account: accountId,
      event: newId('evt'),
      type: TEST_EVENT,
      facts: { object: 'webhook_endpoint', id: endpointId },
      at: new Date(),
      endpoint: endpointId,
      is_test: true,
    })
    return id
  }

  async #raise(happening: Happening): Promise<string[]> {
    const { rows } = await db.rawQuery('select webhook_raise(?) as id', [
      JSON.stringify([happening]),
    ])
    if (rows.length > 0) this.queue.wake()
    return rows.map(({ id }: { id: string }) => id)
  }
}
