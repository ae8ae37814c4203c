import app from '@adonisjs/core/services/app'
import { Credits } from '#core/ledger/credits'
import { CreateBatch } from '#app/batches/actions/create_batch'
import { batchQuery, type BatchView } from '#app/batches/queries/batches_query'

interface Wanted {
  accountId: string
  prompts: string[]
  budget?: string
}

/** The id of a batch that was accepted. */
export async function askedBatch({ accountId, prompts, budget }: Wanted): Promise<string> {
  const create = await app.container.make(CreateBatch)
  const asked = await create.handle({
    accountId,
    actor: 'system:test',
    keyId: null,
    userId: null,
    idempotencyKey: null,
    requestHash: 'test',
    budget: budget === undefined ? undefined : Credits.parse(budget),
    items: prompts.map((prompt) => ({
      model: 'sandbox/image',
      input: { prompt, format: 'jpeg' },
    })),
  })
  if (asked.outcome !== 'created') throw new Error(JSON.stringify(asked))
  return asked.id
}

/** How a batch stands, once `holds`. */
export async function batchOnce(
  accountId: string,
  id: string,
  holds: (batch: BatchView) => boolean
): Promise<BatchView> {
  for (;;) {
    const batch = await batchQuery(accountId, id)
    if (batch && holds(batch)) return batch
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
