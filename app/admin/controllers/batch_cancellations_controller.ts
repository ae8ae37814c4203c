import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { CancelBatch } from '#app/batches/actions/cancel_batch'
import { anyBatchQuery } from '#app/batches/queries/batches_query'

const NOTICES = {
  requested: 'Nothing more of the batch is started, and what is under way is stopped.',
  resolved: 'It had ended before, or is ending already.',
}

@inject()
export default class BatchCancellationsController {
  constructor(private readonly cancel: CancelBatch) {}

  async store({ params, response, session, auth }: HttpContext) {
    const batch = await anyBatchQuery(params.id)
    if (!batch) throw new NotFound('batch of this id')
    const actor = `user:${auth.use('web').user!.id}` as const
    const canceled = await this.cancel.handle({ ...batch, actor })
    if (canceled) session.flash('notice', NOTICES[canceled.outcome])
    return response.redirect(`/admin/batches/${batch.id}`)
  }
}
