import { ApiProblem } from '#app/exceptions/api_problem'
import { inputProblem } from '#app/generations/input_problem'

export const itemProblem = inputProblem

export function batchMissing(id: string) {
  return new ApiProblem({
    status: 404,
    type: 'invalid_request_error',
    code: 'batch_not_found',
    message: `There is no batch ${id} in this organisation.`,
  })
}

export function batchKeyReused(id: string) {
  return new ApiProblem({
    status: 409,
    type: 'invalid_request_error',
    code: 'idempotency_key_reused',
    message: `This Idempotency-Key was used for another request, which became ${id}. Use a new key for a new request.`,
    facts: { batch: id },
  })
}

export function tooManyBatches(limit: number) {
  return new ApiProblem({
    status: 409,
    type: 'invalid_request_error',
    code: 'too_many_batches',
    message: `${limit} batches of this organisation have not ended, which is as many as there may be. Wait for one, or cancel it.`,
  })
}
