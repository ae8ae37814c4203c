import type { HttpContext } from '@adonisjs/core/http'
import { presentAsset } from '#app/assets/presenters'
import { assetMissing } from '#app/assets/problems'
import { assetQuery } from '#app/assets/queries/asset_query'

export default class AssetsController {
  async show({ params, response, caller }: HttpContext) {
    const asset = await assetQuery(caller.orgId, params.id)
    if (!asset) throw assetMissing(params.id)
    return response.ok(presentAsset(asset))
  }
}
