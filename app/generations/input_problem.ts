import { ApiProblem } from '#app/exceptions/api_problem'
import type { InputProblem } from '#app/generations/actions/price_input'

const STATUSES: Record<string, number> = {
  model_not_found: 404,
  model_suspended: 503,
  provider_unavailable: 503,
  quote_not_found: 404,
  quote_mismatch: 409,
  quote_invalid: 409,
  quote_expired: 410,
}

/** What is wrong with a request, as the API words it: 422 where nothing else is said. */
export function inputProblem({ code, param, message, retryAfterSeconds }: InputProblem) {
  const status = STATUSES[code] ?? 422
  const again = retryAfterSeconds !== undefined && {
    retryable: true,
    headers: { 'Retry-After': String(retryAfterSeconds) },
  }
  const type = again ? 'api_error' : 'invalid_request_error'
  return new ApiProblem({ status, type, code, param, message, ...again })
}
