import type { HttpContext } from '@adonisjs/core/http'
import { presentItem } from '#app/batches/presenters'
import { batchMissing } from '#app/batches/problems'
import { batchItemsQuery } from '#app/batches/queries/batch_items_query'
import { batchQuery } from '#app/batches/queries/batches_query'
import { readListItems } from '#app/batches/validators/batch_requests'

export default class ItemsController {
  async index({ params, request, response, caller }: HttpContext) {
    const wanted = readListItems(request.qs())
    const batch = await batchQuery(caller.orgId, params.id)
    if (!batch) throw batchMissing(params.id)
    const page = await batchItemsQuery(batch, wanted)
    return response.ok({
      object: 'list',
      data: page.items.map(presentItem),
      next_cursor: page.next === null ? null : String(page.next),
    })
  }
}
