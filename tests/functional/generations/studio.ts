import db from '@adonisjs/lucid/services/db'
import type { ApiClient, ApiRequest } from '@japa/api-client'
import app from '@adonisjs/core/services/app'
import sharp from 'sharp'
import { Ledger } from '#core/ledger/ledger'
import { createAsset } from '#app/assets/actions/create_asset'
import { newOrganisation } from '#tests/factories'

export type Body = Record<string, any>

/** What one picture of the sandbox costs: ⌈1.048576 MP × $0.03⌉ × 1.5 / $0.10. */
export const PICTURE = '0.47187'

/** A drawing that is made quickly, with the whole path around it. */
export const drawing = (input: Body = {}) => ({
  model: 'sandbox/image',
  input: { prompt: 'a lighthouse', format: 'jpeg', ...input },
})

/** An organisation that calls the API with a key of its own. */
export async function newStudio(
  client: ApiClient,
  options: Parameters<typeof newOrganisation>[0] = {}
) {
  const { organisation, key, keyText } = await newOrganisation(options)
  const as = (request: ApiRequest) => request.bearerToken(keyText)
  const generate = (body: unknown, headers: Record<string, string> = {}) =>
    as(client.post('/v1/generations'))
      .headers(headers)
      .json(body as object)
  return {
    id: organisation.id,
    organisation,
    key,
    keyText,
    generate,
    get: (path: string) => as(client.get(path)),
    post: (path: string) => as(client.post(path)),
    delete: (path: string) => as(client.delete(path)),
    patch: (path: string) => as(client.patch(path)),

    /** A generation at its end, as the API tells it. */
    async generated(
      body: unknown = drawing(),
      headers: Record<string, string> = {}
    ): Promise<Body> {
      const response = await generate(body, { prefer: 'wait=60', ...headers })
      if (response.status() !== 200) throw new Error(response.text())
      return response.body()
    },

    /** One that was only just accepted. */
    async accepted(body: unknown = drawing(), headers: Record<string, string> = {}): Promise<Body> {
      const response = await generate(body, headers)
      if (response.status() !== 202) throw new Error(response.text())
      return response.body()
    },

    /** What it has come to, once `holds`. */
    async until(id: string, holds: (generation: Body) => boolean): Promise<Body> {
      for (;;) {
        const response = await as(client.get(`/v1/generations/${id}`))
        if (holds(response.body())) return response.body()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },

    async receipt(id: string): Promise<Body> {
      const response = await as(client.get(`/v1/generations/${id}/receipt`))
      return response.body()
    },

    /** What is kept of the organisation: a call that was refused leaves it as it was. */
    async kept() {
      const tables = ['generations', 'jobs', 'job_events', 'holds', 'entries', 'grants', 'counters']
      const counts: Record<string, number> = {}
      for (const table of [...tables, 'idempotency_keys', 'assets', 'usage_events', 'losses']) {
        const [{ total }] = await db
          .from(table)
          .where('account_id', organisation.id)
          .count('* as total')
        counts[table] = Number(total)
      }
      const ledger = await app.container.make(Ledger)
      return { ...counts, ...structuredClone(await ledger.balance(organisation.id)) }
    },

    async violations() {
      const ledger = await app.container.make(Ledger)
      return ledger.verify(organisation.id)
    },
  }
}

/** A generation without what is signed anew each time it is told. */
export function lasting({ links, outputs, ...rest }: Body): Body {
  return { ...rest, outputs: outputs.map(({ asset }: Body) => asset), self: links.self }
}

/** An asset of the organisation: a plain picture of that size. */
export async function newPicture(accountId: string, width = 40, height = 30): Promise<string> {
  const bytes = await sharp({ create: { width, height, channels: 3, background: '#3a6' } })
    .png()
    .toBuffer()
  const created = await createAsset({
    accountId,
    content: { bytes },
    source: 'upload',
    createdBy: 'system:test',
  })
  if (!created.ok) throw new Error(created.refusal.message)
  return created.asset.id
}
