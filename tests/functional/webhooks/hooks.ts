import type { ApiClient } from '@japa/api-client'
import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import { JobQueue } from '#core/queue/job_queue'
import settings from '#config/webhooks'
import { SCOPES } from '#app/identity/caller'
import { WebhookReceiver } from '#tests/fakes/webhook_receiver'
import { newStudio, type Body } from '#tests/functional/generations/studio'

/** For a group: its webhooks may go to this machine. */
export function allowThisMachine() {
  settings.allowPrivate = true
  return () => {
    settings.allowPrivate = false
  }
}

/** An organisation that may do everything, and somebody's server that is told. */
export async function newHooks(client: ApiClient, cleanup: (close: () => void) => void) {
  const studio = await newStudio(client, { scopes: [...SCOPES] })
  const receiver = await WebhookReceiver.open()
  cleanup(() => receiver.close())
  return {
    ...studio,
    receiver,

    async endpoint(body: Body = {}): Promise<Body> {
      const made = await studio.post('/v1/webhook_endpoints').json({ url: receiver.url, ...body })
      if (made.status() !== 201) throw new Error(made.text())
      return made.body()
    },

    async deliveries(query = ''): Promise<Body[]> {
      const list = await studio.get(`/v1/webhook_deliveries${query}`)
      return list.body().data
    },

    /** The one delivery of the organisation, once `holds`. */
    async delivery(holds: (delivery: Body) => boolean = () => true): Promise<Body> {
      for (;;) {
        const [one] = await this.deliveries()
        if (one && holds(one)) {
          const shown = await studio.get(`/v1/webhook_deliveries/${one.id}`)
          return shown.body()
        }
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },

    /** Makes the next try due. */
    async tick() {
      await db
        .from('webhook_deliveries')
        .where('account_id', studio.id)
        .update({ next_at: new Date() })
      await db
        .from('jobs')
        .where({ account_id: studio.id, kind: 'webhook', state: 'queued' })
        .update({ run_at: new Date() })
      const queue = await app.container.make(JobQueue)
      queue.wake()
    },
  }
}
