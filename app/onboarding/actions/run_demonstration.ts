import { readFile } from 'node:fs/promises'
import { inject } from '@adonisjs/core'
import { createAsset } from '#app/assets/actions/create_asset'
import { AwaitGeneration } from '#app/generations/actions/await_generation'
import { StartGeneration } from '#app/generations/actions/start_generation'
import { ReceiptQuery, type Receipt } from '#app/generations/queries/receipt_query'

const PHOTO = new URL('../../../plugins/local/samples/photo.jpg', import.meta.url)
const MODEL = 'local/esrgan-2x'
const PATIENCE_MS = 60_000

/** One real generation through the whole path: a bundled photo, enlarged by a model on this machine. */
@inject()
export class RunDemonstration {
  constructor(
    private readonly start: StartGeneration,
    private readonly awaitGeneration: AwaitGeneration,
    private readonly receipt: ReceiptQuery
  ) {}

  async handle(accountId: string): Promise<Receipt> {
    const photo = await createAsset({
      accountId,
      content: { bytes: await readFile(PHOTO) },
      source: 'upload',
      createdBy: 'system:demonstration',
    })
    if (!photo.ok) throw new Error(`The bundled photo was refused: ${photo.refusal.message}`)
    const started = await this.start.handle({
      accountId,
      actor: 'system:demonstration',
      model: MODEL,
      input: { image: photo.asset.id },
    })
    if (started.outcome !== 'started') {
      throw new Error(`The first generation was not accepted: ${JSON.stringify(started)}`)
    }
    const { id } = started.generation
    await this.awaitGeneration.handle(accountId, id, AbortSignal.timeout(PATIENCE_MS))
    return (await this.receipt.handle(accountId, id))!
  }
}
