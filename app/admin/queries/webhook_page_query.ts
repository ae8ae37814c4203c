import { organisationQuery } from '#app/admin/queries/organisations_query'
import { EVENT_FILTERS } from '#app/webhooks/event_types'
import {
  DELIVERY_STATES,
  deliveriesQuery,
  type DeliveryState,
} from '#app/webhooks/queries/deliveries_query'
import { anyEndpointQuery } from '#app/webhooks/queries/endpoint_query'

const PAGE = 25

interface Wanted {
  status?: unknown
  /** Where the page before ended: `<instant>~<id>`. */
  before?: unknown
}

/** Everything the page of one endpoint shows, or `null` when there is none of this id. */
export class WebhookPage {
  async handle(id: string, { status, before }: Wanted) {
    const endpoint = await anyEndpointQuery(id)
    if (!endpoint) return null
    const state = DELIVERY_STATES.find((one) => one === status)
    const after = positionOf(before)
    const [organisation, page] = await Promise.all([
      organisationQuery(endpoint.accountId),
      deliveriesQuery(
        { accountId: endpoint.accountId, endpoint: id, states: state && [state] },
        { limit: PAGE, after }
      ),
    ])
    const filter: Record<string, string> = state ? { status: state } : {}
    const { next } = page
    return {
      endpoint,
      organisation: organisation!,
      deliveries: page.deliveries.map((one) => ({ ...one, badge: BADGES[one.state] })),
      states: DELIVERY_STATES,
      chosenState: state ?? '',
      newest: !after,
      newestQuery: new URLSearchParams(filter).toString(),
      olderQuery:
        next &&
        new URLSearchParams({ ...filter, before: `${next.createdAt}~${next.id}` }).toString(),
      filters: EVENT_FILTERS,
      form: { url: endpoint.url, events: endpoint.events, description: endpoint.description },
      errors: {},
    }
  }
}

/** How a state looks, in the colours of generations. */
export const BADGES: Record<DeliveryState, string> = {
  pending: 'queued',
  delivered: 'succeeded',
  failed: 'failed',
  skipped: 'expired',
}

function positionOf(before: unknown) {
  const [createdAt, id] = String(before ?? '').split('~')
  return id && !Number.isNaN(Date.parse(createdAt)) ? { createdAt, id } : undefined
}
