import { randomUUID } from 'node:crypto'
import { inject } from '@adonisjs/core'
import { Credits } from '#core/ledger/credits'
import { timelineOf } from '#app/admin/format/timeline'
import { actorNamesQuery } from '#app/admin/queries/actor_names_query'
import { generationAddressQuery } from '#app/admin/queries/generation_address_query'
import { jobEventsQuery } from '#app/admin/queries/job_events_query'
import { organisationNamesQuery } from '#app/admin/queries/organisation_names_query'
import { assetQuery, type Asset } from '#app/assets/queries/asset_query'
import { ModelCatalogue } from '#app/generations/queries/model_catalogue'
import { ReceiptQuery } from '#app/generations/queries/receipt_query'

/** One of the inputs. A reference comes with its file, unless that was deleted since. */
export interface ShownInput {
  name: string
  label: string
  text: string
  long: boolean
  reference: Asset | null
}

const LINE = 60

/** Everything the page of one generation shows, or `null` when there is none of this id. */
@inject()
export class GenerationPage {
  constructor(
    private readonly receipts: ReceiptQuery,
    private readonly catalogue: ModelCatalogue
  ) {}

  async handle(id: string) {
    const address = await generationAddressQuery(id)
    const receipt = address && (await this.receipts.handle(address.accountId, address.id))
    if (!receipt) return null
    const { generation } = receipt
    const [events, names, actors, inputs] = await Promise.all([
      jobEventsQuery(generation.accountId, generation.jobId),
      organisationNamesQuery([generation.accountId]),
      actorNamesQuery(receipt.entries.map(({ actor }) => actor)),
      this.#inputs(generation.accountId, generation.model, generation.input ?? {}),
    ])
    return {
      generation,
      receipt,
      inputs,
      actors,
      timeline: timelineOf(events),
      lastSeq: events.at(-1)?.seq ?? 0,
      organisation: { id: generation.accountId, name: names[generation.accountId] },
      open: generation.finishedAt === null,
      tookMs:
        generation.finishedAt && generation.finishedAt.getTime() - generation.createdAt.getTime(),
      refundable:
        receipt.hold.state === 'settled' ? receipt.charged.minus(receipt.refunded) : Credits.zero,
      refund: { form: { reference: randomUUID() }, errors: {} },
      percent: Math.round(generation.progress * 100),
    }
  }

  async #inputs(accountId: string, modelName: string, input: Record<string, unknown>) {
    const model = this.catalogue.one(modelName)
    const order = Object.keys(model?.parameters.properties ?? {})
    const entries = Object.entries(input).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
    return Promise.all(
      entries.map(async ([name, value]): Promise<ShownInput> => {
        const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
        return {
          name,
          text,
          label: String(model?.parameters.properties[name]?.title ?? name),
          long: text.length > LINE,
          reference: text.startsWith('ast_') ? await assetQuery(accountId, text) : null,
        }
      })
    )
  }
}
