import type { ApiClient } from '@japa/api-client'
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
export async function newBatchStudio(client: ApiClient, options: { credits?: string } = {}) {
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

    async items(id: string): Promise<Body[]> {
      const response = await studio.get(`/v1/batches/${id}/items`).qs({ limit: 100 })
      return response.body().data
    },
  }
}

export const hasEnded = ({ finished_at: at }: Body) => at !== null
