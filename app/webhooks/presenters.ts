import type { RotatedSecret } from '#app/webhooks/actions/rotate_secret'
import type { Attempt, Delivery, DeliveryStory } from '#app/webhooks/queries/deliveries_query'
import type { Endpoint } from '#app/webhooks/queries/endpoint_query'

/** An endpoint as the API tells it. */
export function presentEndpoint(endpoint: Endpoint) {
  return {
    id: endpoint.id,
    object: 'webhook_endpoint',
    url: endpoint.url,
    events: endpoint.events,
    description: endpoint.description,
    api_version: endpoint.apiVersion,
    status: endpoint.disabled ? 'disabled' : 'enabled',
    disabled_because: endpoint.disabled?.because ?? null,
    disabled_at: endpoint.disabled?.at ?? null,
    failing_since: endpoint.failingSince,
    last_seq: endpoint.seq,
    previous_secret_expires_at: endpoint.previousSecretUntil,
    created_at: endpoint.createdAt,
    updated_at: endpoint.updatedAt,
  }
}

/** A secret, this once. */
export function presentSecret({ secret, previousUntil }: RotatedSecret) {
  return { object: 'webhook_secret', secret, previous_secret_expires_at: previousUntil }
}

export function presentDelivery(delivery: Delivery) {
  return {
    id: delivery.id,
    object: 'webhook_delivery',
    endpoint: delivery.endpointId,
    url: delivery.url,
    status: delivery.state,
    event: {
      id: delivery.event.id,
      type: delivery.event.type,
      seq: delivery.event.seq,
      created_at: delivery.event.occurredAt,
    },
    generation: delivery.generationId,
    attempts: delivery.attempts,
    last_attempt: delivery.lastAttempt && presentAttempt(delivery.lastAttempt),
    next_attempt_at: delivery.nextAt,
    created_at: delivery.createdAt,
    replayed_at: delivery.replayedAt,
    finished_at: delivery.finishedAt,
  }
}

/** The same with what was sent and with every try, newest first. */
export function presentDeliveryStory(delivery: DeliveryStory) {
  return {
    ...presentDelivery(delivery),
    body: delivery.body && JSON.parse(delivery.body),
    tries: delivery.tries.map(presentAttempt),
  }
}

function presentAttempt(attempt: Attempt) {
  return {
    attempt: attempt.n,
    url: attempt.url,
    status: attempt.status,
    error: attempt.error,
    response: attempt.response,
    duration_ms: attempt.durationMs,
    created_at: attempt.createdAt,
  }
}
