import { ApiProblem } from '#app/exceptions/api_problem'
import type { WebhookProblem } from '#app/webhooks/problem'

export function endpointProblem(problem: WebhookProblem) {
  return new ApiProblem({ status: 422, type: 'invalid_request_error', ...problem })
}

export function endpointMissing(id: string) {
  return missing('webhook_endpoint_not_found', `webhook endpoint ${id}`)
}

export function deliveryMissing(id: string) {
  return missing('webhook_delivery_not_found', `webhook delivery ${id}`)
}

export function endpointDisabled() {
  return new ApiProblem({
    status: 409,
    type: 'invalid_request_error',
    code: 'webhook_endpoint_disabled',
    message: 'The endpoint is disabled, so it is told nothing. Enable it first, then replay.',
  })
}

function missing(code: string, what: string) {
  return new ApiProblem({
    status: 404,
    type: 'invalid_request_error',
    code,
    message: `There is no ${what} in this organisation.`,
  })
}
