import { ApiProblem } from '#app/exceptions/api_problem'

const LONGEST_WAIT = 60

/**
 * The key of `Idempotency-Key`, or `null` without one. An empty one is refused: its sender lost
 * the key, and would take the call for safe to repeat.
 */
export function idempotencyKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null
  if (typeof header !== 'string' || header.length === 0 || header.length > 255) {
    throw new ApiProblem({
      status: 422,
      type: 'invalid_request_error',
      code: 'invalid_header',
      message: 'Idempotency-Key must have 1 to 255 characters. Leave the header out to send none.',
    })
  }
  return header
}

/** The seconds of `Prefer: wait=n`, at most 60; 0 without it. A preference is never an error. */
export function preferredWait(header: string | undefined): number {
  const match = /(?:^|[,;\s])wait\s*=\s*(\d+)/i.exec(header ?? '')
  return match ? Math.min(LONGEST_WAIT, Number(match[1])) : 0
}
