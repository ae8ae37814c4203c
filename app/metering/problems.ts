import type { DirectHold } from '#core/ledger/direct_holds'
import { ApiProblem } from '#app/exceptions/api_problem'

export function holdMissing(id: string) {
  return new ApiProblem({
    status: 404,
    type: 'invalid_request_error',
    code: 'hold_not_found',
    message: `There is no hold ${id} in this organisation.`,
  })
}

/** It ended once, and that was final. */
export function holdEnded({ id, state, cost }: DirectHold) {
  const how = {
    held: 'is open',
    settled: `was settled at ${cost} credits`,
    released: 'was released; nothing was charged',
    expired: 'had run out of time and was returned; nothing was charged',
  }[state]
  return new ApiProblem({
    status: 409,
    type: 'invalid_request_error',
    code: 'hold_resolved',
    message: `The hold ${id} ${how}. That is final: open a new hold for further work.`,
    facts: { status: state, cost },
  })
}
