import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { NotFound } from '#app/admin/errors'
import { disableEndpoint, enableEndpoint } from '#app/webhooks/actions/change_endpoint'
import { rotateSecret } from '#app/webhooks/actions/rotate_secret'
import { TellWebhooks } from '#app/webhooks/actions/tell_webhooks'
import { anyEndpointQuery, type Endpoint } from '#app/webhooks/queries/endpoint_query'

/** The buttons of an endpoint's page. */
@inject()
export default class WebhookSwitchesController {
  constructor(private readonly tell: TellWebhooks) {}

  async enable(ctx: HttpContext) {
    const { accountId, id } = await endpointOf(ctx)
    await enableEndpoint(accountId, id)
    return back(ctx, 'The endpoint is enabled. Replay what it missed, where it should know.')
  }

  async disable(ctx: HttpContext) {
    const { accountId, id } = await endpointOf(ctx)
    await disableEndpoint(accountId, id)
    return back(ctx, 'The endpoint is disabled. What happens meanwhile is kept as skipped.')
  }

  async rotate(ctx: HttpContext) {
    const { accountId, id } = await endpointOf(ctx)
    const rotated = await rotateSecret({ accountId, endpointId: id })
    ctx.session.flash('secret', rotated!.secret)
    return back(ctx, 'For a day the secret before signs as well.')
  }

  async test(ctx: HttpContext) {
    const { accountId, id } = await endpointOf(ctx)
    await this.tell.test(accountId, id)
    return back(ctx, 'A test event is on its way. What came of it is below in a moment.')
  }
}

async function endpointOf({ params }: HttpContext): Promise<Endpoint> {
  const endpoint = await anyEndpointQuery(params.id)
  if (!endpoint) throw new NotFound('webhook endpoint of this id')
  return endpoint
}

function back({ params, response, session }: HttpContext, notice: string) {
  session.flash('notice', notice)
  return response.redirect(`/admin/webhooks/${params.id}`)
}
