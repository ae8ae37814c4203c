import type { HttpContext } from '@adonisjs/core/http'
import { thumbnailUrl } from '#app/admin/format/file_urls'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { createAsset } from '#app/assets/actions/create_asset'
import { refuse } from '#app/assets/file_refusal'
import { receiveBody } from '#app/assets/incoming_file'
import assets from '#config/assets'

export default class UploadsController {
  /** Keeps the body as a file of `?organisation=`, for a form that will name it. */
  async store({ request, response, auth }: HttpContext) {
    const organisation = await organisationQuery(String(request.qs().organisation))
    if (!organisation)
      return response.unprocessableEntity({ message: 'Choose an organisation first.' })
    const { maxBytes } = assets.accepted
    const received = await receiveBody(request, maxBytes)
    if (!received.ok)
      return response.unprocessableEntity({ message: refuse.tooLarge(maxBytes).message })
    try {
      const created = await createAsset({
        accountId: organisation.id,
        content: received.file,
        source: 'upload',
        createdBy: `user:${auth.use('web').user!.id}`,
      })
      if (!created.ok) return response.unprocessableEntity({ message: created.refusal.message })
      const { id } = created.asset
      return response.created({ id, thumbnail: thumbnailUrl(organisation.id, id) })
    } finally {
      await received.file.remove()
    }
  }
}
