import { inject } from '@adonisjs/core'
import db from '@adonisjs/lucid/services/db'
import { Credits, Usd } from '#core/ledger/credits'
import { PluginRegistry, type RegisteredModel } from '#core/plugins/registry'
import { driftOf, type Drift } from '#core/prices/drift'
import { PriceArchive } from '#core/prices/price_archive'
import type { PricePins } from '#core/prices/price_model'
import type { ReportedCost } from '#core/prices/price_rule'
import { quantitiesOf } from '#core/prices/units'
import { createAsset } from '#app/assets/actions/create_asset'
import { FileStore } from '#app/assets/file_store'
import { AwaitGeneration } from '#app/generations/actions/await_generation'
import { MakeQuote } from '#app/generations/actions/make_quote'
import { StartGeneration } from '#app/generations/actions/start_generation'
import { pinnedTerms } from '#app/generations/pinned_terms'
import { ReceiptQuery, type Receipt } from '#app/generations/queries/receipt_query'
import type { FakeVendor } from '#tests/fakes/vendor/fake_vendor'
import { film, picture, type PictureFormat } from '#tests/fakes/vendor/media'
import { mismatches, type DeliveredFile } from './mismatches.js'

const ACTOR = 'system:models_test'
const SIDE = 256

export interface TrialResult {
  model: string
  /** `succeeded`, how it ended else, or `retired`, where its refusal is what is tried. */
  state: string
  ms: number
  quoted: Credits | null
  held: Credits | null
  settled: Credits | null
  vendorCost: Usd | null
  reported: ReportedCost | null
  drift: Drift | null
  /** None: it works. */
  problems: string[]
}

interface TrialOptions {
  accountId: string
  /** What is asked instead of the vendor, by provider. Nothing, where the vendor itself is. */
  fakes: Map<string, FakeVendor>
  /** Further words for each prompt: a fake fails on some. */
  words?: string
  signal: AbortSignal
}

/** One generation of a model as users order it, through the whole platform, and all that is to fit. */
@inject()
export class ModelTrial {
  constructor(
    private readonly registry: PluginRegistry,
    private readonly quote: MakeQuote,
    private readonly start: StartGeneration,
    private readonly awaitGeneration: AwaitGeneration,
    private readonly receipt: ReceiptQuery,
    private readonly prices: PriceArchive
  ) {}

  async handle(model: RegisteredModel, options: TrialOptions): Promise<TrialResult> {
    const since = performance.now()
    const outcome = await this.#try(model, options).catch((error: Error) => broken(error.message))
    return { ...NOTHING, ...outcome, model: model.name, ms: performance.now() - since }
  }

  async #try(model: RegisteredModel, options: TrialOptions): Promise<Partial<TrialResult>> {
    const { accountId } = options
    const order = { accountId, actor: ACTOR, model: model.name, input: {} } as const
    const isRetired = this.registry.lifecycle(model).state === 'retired'
    const input = isRetired ? model.example : await orderOf(model, options)
    const promise = await this.quote.handle({ ...order, input })
    if (isRetired) {
      const code = promise.ok ? null : promise.problem.code
      const problem = `It is retired, and was ${code ? `refused as ${code}` : 'taken'}.`
      return { state: 'retired', problems: code === 'model_retired' ? [] : [problem] }
    }
    if (!promise.ok) return broken(`${promise.problem.param}: ${promise.problem.message}`)
    const { id: quoteId, ceiling: quoted } = promise.quote
    const started = await this.start.handle({ ...order, input, quoteId })
    if (started.outcome !== 'started') {
      const why = started.outcome === 'refused' ? started.refusal.type : JSON.stringify(started)
      return { ...broken(`It was not accepted: ${why}.`), quoted }
    }
    const { id } = started.generation
    await this.awaitGeneration.handle(accountId, id, options.signal)
    const receipt = (await this.receipt.handle(accountId, id))!
    return this.#judge(model, { receipt, quoted, fake: options.fakes.get(model.provider) })
  }

  async #judge(
    model: RegisteredModel,
    { receipt, quoted, fake }: { receipt: Receipt; quoted: Credits; fake?: FakeVendor }
  ): Promise<Partial<TrialResult>> {
    const { generation, attempts, hold, charged, returned } = receipt
    const bill = await this.#billOf(receipt)
    const problems = mismatches({
      ...{ status: generation.status, error: generation.error, quoted, held: hold.amount },
      ...{ holdState: hold.state, charged, returned, requested: generation.requested },
      metered: attempts.reduce((sum, { price }) => sum.plus(price), Credits.zero),
      delivered: generation.delivered ?? 0,
      losses: receipt.losses.map(({ kind }) => kind),
      doubt: bill.doubt,
      isFree: 'free' in model.price.rule,
      files: await filesOf(model, receipt, fake),
    })
    const { vendorCost, reported, drift } = bill
    const { status: state } = generation
    const money = { quoted, held: hold.amount, settled: charged }
    return { state, ...money, vendorCost, reported, drift, problems }
  }

  /** What its vendor billed, of the attempt that came last. */
  async #billOf({ generation, pricedWith }: Receipt) {
    const { accountId, jobId, model } = generation
    const event = await db
      .from('usage_events')
      .where({ account_id: accountId, job_id: jobId })
      .orderBy('attempt', 'desc')
      .first()
    const hold = await db.from('holds').where({ account_id: accountId, id: jobId }).first()
    if (!event || !pricedWith) return { vendorCost: null, reported: null, drift: null, doubt: null }
    const reported = (event.units.reported ?? null) as (ReportedCost & { doubt?: string }) | null
    const pins = hold.price_pins as PricePins
    const { price } = await pinnedTerms(this.prices, model, pins.candidates[model])
    return {
      vendorCost: Usd.fromMicro(event.vendor_cost_micro_usd),
      reported,
      doubt: reported?.doubt ?? null,
      drift: driftOf(price.rule, {
        quantities: quantitiesOf(event.units),
        keys: pricedWith.keys,
        at: hold.created_at,
        reported,
      }),
    }
  }
}

const NOTHING: TrialResult = {
  ...{ model: '', state: 'broken', ms: 0, quoted: null, held: null, settled: null },
  ...{ vendorCost: null, reported: null, drift: null, problems: [] },
}

function broken(problem: string): Partial<TrialResult> {
  return { state: 'refused', problems: [problem] }
}

/** The model's example, one output of it, with a file for each parameter that needs one. */
async function orderOf(model: RegisteredModel, { accountId, words }: TrialOptions) {
  const { example, outputsParameter, parameters, references } = model
  const input: Record<string, unknown> = structuredClone(example)
  if (outputsParameter && outputsParameter in input) input[outputsParameter] = 1
  const text = ['prompt', 'text'].find((name) => typeof input[name] === 'string')
  if (words && text) input[text] = `${String(input[text])} ${words}`
  for (const name of Object.keys(references)) {
    if (!parameters.required?.includes(name)) continue
    const id = await newFile(accountId, references[name])
    input[name] = parameters.properties[name].type === 'array' ? [id] : id
  }
  return input
}

async function newFile(
  accountId: string,
  { mime, minSide = 1, maxSide = SIDE }: RegisteredModel['references'][string]
): Promise<string> {
  const side = Math.max(minSide, Math.min(SIDE, maxSide))
  const size = { width: side, height: side }
  const [type] = mime
  const bytes =
    type === 'video/mp4' ? await film(size, 2) : await picture(size, type.slice(6) as PictureFormat)
  const source = 'upload'
  const created = await createAsset({ accountId, content: { bytes }, source, createdBy: ACTOR })
  if (!created.ok) throw new Error(created.refusal.message)
  return created.asset.id
}

function filesOf(
  model: RegisteredModel,
  { generation }: Receipt,
  fake: FakeVendor | undefined
): Promise<DeliveredFile[]> {
  const store = new FileStore()
  return Promise.all(
    generation.outputs.map(async ({ sha256, contentType, bytes }) => {
      const key = { accountId: generation.accountId, sha256 }
      const stored = await store.size(key)
      return {
        ...{ contentType, bytes, stored, isDeclared: model.output.mime.includes(contentType) },
        isOfVendor: fake && stored !== null ? fake.hasMade(await store.bytes(key)) : null,
      }
    })
  )
}
