import app from '@adonisjs/core/services/app'
import db from '@adonisjs/lucid/services/db'
import type { ApiClient } from '@japa/api-client'
import { JobQueue } from '#core/queue/job_queue'
import { newStudio, type Body } from '#tests/functional/generations/studio'

/** An item that is made quickly. */
export const item = (input: Body = {}, more: Body = {}) => ({
  model: 'sandbox/image',
  input: { prompt: 'a lighthouse', format: 'jpeg', ...input },
  ...more,
})

export const items = (count: number, input: Body = {}) =>
  Array.from({ length: count }, (_, n) => item({ seed: n, ...input }))

/** A studio that asks for many things at once. */
export async function newBatchStudio(
  client: ApiClient,
  options: Parameters<typeof newStudio>[1] = {}
) {
  const studio = await newStudio(client, options)
  const ask = (body: unknown, headers: Record<string, string> = {}) =>
    studio
      .post('/v1/batches')
      .headers(headers)
      .json(body as object)
  return {
    ...studio,
    ask,

    async batch(body: unknown, headers: Record<string, string> = {}): Promise<Body> {
      const response = await ask(body, headers)
      if (response.status() !== 202) throw new Error(response.text())
      return response.body()
    },

    /** What a batch has come to, once `holds`. */
    async batchUntil(id: string, holds: (batch: Body) => boolean): Promise<Body> {
      for (;;) {
        const response = await studio.get(`/v1/batches/${id}`)
        if (holds(response.body())) return response.body()
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },

    /** Has the batch looked after at once, whatever it waits for. */
    async lookNow(id: string) {
      const { job_id: job } = await db.from('batches').where({ id }).firstOrFail()
      const now = new Date()
      await db.from('jobs').where({ account_id: studio.id, id: job }).update({ run_at: now })
      await db
        .from('lanes')
        .where({ account_id: studio.id, kind: 'batch' })
        .whereNotNull('due_at')
        .update({ due_at: now })
      const queue = await app.container.make(JobQueue)
      queue.wake()
    },

    async items(id: string): Promise<Body[]> {
      const response = await studio.get(`/v1/batches/${id}/items`).qs({ limit: 100 })
      return response.body().data
    },
  }
}

export const hasEnded = ({ finished_at: at }: Body) => at !== null
