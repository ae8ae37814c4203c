import { inject } from '@adonisjs/core'
import { Logger } from '@adonisjs/core/logger'
import { failpoint } from '#core/failpoint'
import { newId } from '#core/ids'
import type { OutputFile } from '#core/plugins/model_provider'
import { Suspensions } from '#core/plugins/suspensions'
import { unitsOf } from '#core/prices/units'
import { MeteredJobs, type FinishRequest, type OutputAsset } from '#core/queue/metered_jobs'
import { storeFile } from '#app/assets/actions/store_file'
import { PriceDelivery } from '#app/generations/actions/price_delivery'
import { usageOf, type Attempt } from '#app/generations/attempt'
import { Patience } from '#app/generations/patience'

/** What came, its files at hand. */
export interface Delivery {
  outputs: OutputFile[]
  /** The vendor's own answer. */
  raw: unknown
}

/**
 * Stores what a provider delivered, then settles and ends the job in one call. Files come
 * before money, so that nobody pays for an output that was lost.
 */
@inject()
export class DeliverOutputs {
  constructor(
    private readonly metered: MeteredJobs,
    private readonly priceDelivery: PriceDelivery,
    private readonly suspensions: Suspensions,
    private readonly patience: Patience,
    private readonly logger: Logger
  ) {}

  async handle(attempt: Attempt, { outputs, raw }: Delivery) {
    const { job, lease, model, call } = attempt
    const ours = <Result>(step: () => Promise<Result>) => this.patience.until(call.signal, step)
    failpoint('before-store')
    const stored = await ours(() => store(job.accountId, outputs))
    failpoint('after-store')
    const { usage, price } = await ours(() => this.priceDelivery.handle(attempt, raw))
    const used = usageOf(attempt, {
      status: 'succeeded',
      units: unitsOf(price.quantities),
      report: price.report ?? undefined,
      vendorCostMicroUsd: price.cost.micro,
      providerRequestId: usage.providerRequestId,
    })
    const outcome: FinishRequest = {
      lease,
      state: 'succeeded',
      cost: price.credits,
      delivered: stored.length,
      outputs: stored,
      usage: used,
    }
    const result = await ours(() => this.metered.finish(outcome))
    if (result.outcome !== 'finished') {
      const late = { lease, attempt: job.attempt, cost: price.credits, usage: used }
      await ours(() => this.metered.late(late))
    }
    failpoint('after-settle')
    // What only pretends overruns on request.
    const overran = result.outcome === 'finished' && price.credits.micro > result.charged.micro
    if (overran && model.audience === 'live') {
      await ours(() => this.suspensions.overran(model.name))
    }
    this.logger.info(
      { job: job.id, model: model.name, outcome: result.outcome, outputs: stored.length },
      'generation delivered'
    )
  }
}

async function store(accountId: string, outputs: Delivery['outputs']): Promise<OutputAsset[]> {
  const stored: OutputAsset[] = []
  for (const { bytes, contentType, durationMs } of outputs) {
    const file = await storeFile({ accountId, bytes, contentType })
    stored.push({ ...file, id: newId('ast'), durationMs: durationMs ?? file.durationMs })
  }
  return stored
}
