import type { HttpContext } from '@adonisjs/core/http'
import { assetMissing } from '#app/assets/problems'
import { assetQuery } from '#app/assets/queries/asset_query'
import { signedUrl } from '#app/assets/signed_url'

export default class ContentsController {
  /** Leads to the file, by a URL that works without a key. */
  async show({ params, response, caller }: HttpContext) {
    const asset = await assetQuery(caller.orgId, params.id)
    if (!asset) throw assetMissing(params.id)
    return response.redirect(signedUrl(asset).url)
  }
}
