import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { Credits } from '#core/ledger/credits'
import { CancelBatch } from '#app/batches/actions/cancel_batch'
import { CreateBatch } from '#app/batches/actions/create_batch'
import { batchData } from '#app/batches/batch_data'
import { batchKeyReused, batchMissing, itemProblem, tooManyBatches } from '#app/batches/problems'
import { batchesQuery, batchQuery } from '#app/batches/queries/batches_query'
import { readBatch, readListBatches } from '#app/batches/validators/batch_requests'

@inject()
export default class BatchesController {
  constructor(
    private readonly create: CreateBatch,
    private readonly cancel: CancelBatch
  ) {}

  async store({ request, response, caller }: HttpContext) {
    const body = readBatch(request)
    const outcome = await this.create.handle({
      ...body,
      budget: body.budget === undefined ? undefined : Credits.parse(body.budget),
      accountId: caller.orgId,
      actor: caller.actor,
      keyId: caller.keyId,
      userId: caller.userId,
    })
    switch (outcome.outcome) {
      case 'invalid':
        throw itemProblem(outcome.problem)
      case 'conflict':
        throw batchKeyReused(outcome.id)
      case 'too_many':
        throw tooManyBatches(outcome.limit)
    }
    if (outcome.outcome === 'exists') response.header('Idempotent-Replayed', 'true')
    response.header('Location', `/v1/batches/${outcome.id}`)
    return response.accepted(batchData((await batchQuery(caller.orgId, outcome.id))!))
  }

  async index({ request, response, caller }: HttpContext) {
    const page = await batchesQuery({ ...readListBatches(request.qs()), accountId: caller.orgId })
    return response.ok({
      object: 'list',
      data: page.batches.map(batchData),
      next_cursor: page.next,
    })
  }

  async show({ params, response, caller }: HttpContext) {
    const batch = await batchQuery(caller.orgId, params.id)
    if (!batch) throw batchMissing(params.id)
    return response.ok(batchData(batch))
  }

  /** Cancels it. */
  async destroy({ params, response, caller }: HttpContext) {
    const canceled = await this.cancel.handle({
      accountId: caller.orgId,
      id: params.id,
      actor: caller.actor,
    })
    if (!canceled) throw batchMissing(params.id)
    return response.ok({ ...batchData(canceled.batch), resolution: canceled.outcome })
  }
}
