import { inject } from '@adonisjs/core'
import { Credits } from '#core/ledger/credits'
import type { ModelManifest, Payer } from '#core/plugins/define_plugin'
import type { Classified } from '#core/plugins/model_provider'
import { requestedOutputs, upperOf } from '#core/prices/price_model'
import { unitsOf } from '#core/prices/units'
import type { AttemptUsage } from '#core/queue/job_queue'
import { ERROR_POLICIES, type ErrorPolicy } from '#core/queue/error_policy'
import type { AttemptLoss } from '#core/queue/metered_jobs'
import type { ErrorClass } from '#core/queue/types'
import { PriceDelivery } from '#app/generations/actions/price_delivery'
import { usageOf, type Attempt, type ClaimedGeneration } from '#app/generations/attempt'

export interface PricedFailure {
  usage: AttemptUsage
  /** What the user pays: nothing, but by a policy that the model declares. */
  cost: Credits
  /** What it would have cost the user, had it been the user's to pay. */
  worth: Credits
  loss?: AttemptLoss
}

/**
 * What an attempt cost that delivered nothing: what its vendor says, else what the model declares
 * that its vendor bills, else nothing. Whose file was lost or whose outcome nobody knows is billed.
 */
@inject()
export class PriceFailure {
  constructor(private readonly prices: PriceDelivery) {}

  async handle(attempt: Attempt, { class: errorClass, usage }: Classified): Promise<PricedFailure> {
    const { model, submitted, generation } = attempt
    const status = errorClass === 'canceled' ? 'canceled' : 'failed'
    const outcome = { status, errorClass: status === 'failed' ? errorClass : undefined } as const
    const policy = ERROR_POLICIES[errorClass]
    const payer = payerOf(model, policy)
    const { loss: lossKind } = policy
    if (!submitted || !(usage || payer || lossKind)) {
      return { usage: usageOf(attempt, outcome), cost: Credits.zero, worth: Credits.zero }
    }
    const asked = { outputs: requestedOutputs(model, generation.input) }
    const price = await this.prices.measured(attempt, usage ?? asked)
    const vendorCostMicroUsd = price.cost.micro
    return {
      usage: usageOf(attempt, {
        ...outcome,
        // What nobody measured is no measure.
        units: usage ? unitsOf(price.quantities) : {},
        report: price.report ?? undefined,
        vendorCostMicroUsd,
        providerRequestId: usage?.providerRequestId,
      }),
      cost: payer === 'user' ? price.credits : Credits.zero,
      worth: price.credits,
      loss: lossKind && {
        kind: lossKind,
        credits: price.credits,
        vendorCostMicroUsd,
        assumed: !usage,
      },
    }
  }

  /** What the work of a model that cannot be asked any more is taken to cost: all that it can. */
  abandoned({ generation, ...claimed }: ClaimedGeneration, errorClass: ErrorClass): PricedFailure {
    const vendorCostMicroUsd = upperOf(generation.pins.candidates[generation.model]).micro
    const worth = Credits.fromMicro(generation.heldMicro)
    return {
      usage: usageOf(
        { generation, ...claimed },
        { status: 'failed', errorClass, vendorCostMicroUsd }
      ),
      cost: Credits.zero,
      worth,
      loss:
        vendorCostMicroUsd > 0n
          ? { kind: 'unknown', credits: worth, vendorCostMicroUsd, assumed: true }
          : undefined,
    }
  }
}

/** Whoever pays what the vendor bills of such a failure, by what the model declares. */
function payerOf({ billedOn = {} }: ModelManifest, { hold }: ErrorPolicy): Payer | undefined {
  return typeof hold === 'object' ? billedOn[hold.declaredIn] : undefined
}
