import type { HttpContext } from '@adonisjs/core/http'
import { rotateSecret } from '#app/webhooks/actions/rotate_secret'
import { presentSecret } from '#app/webhooks/presenters'
import { endpointMissing } from '#app/webhooks/problems'
import { readRotation } from '#app/webhooks/validators/endpoint_requests'

/** Of an endpoint, or of the organisation where none is named. */
export default class SecretsController {
  async store({ params, request, response, caller }: HttpContext) {
    const rotated = await rotateSecret({
      ...readRotation(request),
      accountId: caller.orgId,
      endpointId: params.id,
    })
    if (!rotated) throw endpointMissing(params.id)
    return response.ok(presentSecret(rotated))
  }
}
