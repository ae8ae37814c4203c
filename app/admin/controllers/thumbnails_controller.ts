import type { HttpContext } from '@adonisjs/core/http'
import sharp from 'sharp'
import { NotFound } from '#app/admin/errors'
import { openReference } from '#app/assets/actions/open_reference'
import { assetQuery } from '#app/assets/queries/asset_query'

/** Twice the largest size at which pages show one. */
const SIDE = 400

export default class ThumbnailsController {
  /** A picture small enough for a list. */
  async show({ params, response }: HttpContext) {
    const asset = await assetQuery(params.org, params.asset)
    if (!asset?.contentType.startsWith('image/')) throw new NotFound('picture of this id')
    const picture = await openReference(asset.accountId, asset.id)
    const thumbnail = await sharp(await picture.bytes())
      .rotate()
      .resize({ width: SIDE, height: SIDE, fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 78 })
      .toBuffer()
    // An asset never changes its bytes.
    response.header('Cache-Control', 'private, max-age=31536000, immutable')
    response.type('image/webp')
    return response.send(thumbnail)
  }
}
