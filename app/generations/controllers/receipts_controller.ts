import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { presentReceipt } from '#app/generations/presenters'
import { ReceiptQuery } from '#app/generations/queries/receipt_query'
import { missing } from './generations_controller.js'

@inject()
export default class ReceiptsController {
  constructor(private readonly receipt: ReceiptQuery) {}

  async show({ params, response, caller }: HttpContext) {
    const receipt = await this.receipt.handle(caller.orgId, params.id)
    if (!receipt) throw missing(params.id)
    return response.ok(presentReceipt(receipt))
  }
}
