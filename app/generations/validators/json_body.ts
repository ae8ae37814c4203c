import { createHash } from 'node:crypto'
import type { HttpContext } from '@adonisjs/core/http'
import { ApiProblem } from '#app/exceptions/api_problem'
import { check } from './schema_validator.js'

/** The body of a request as its schema has it, or the first thing that is wrong with it. */
export function readJsonBody<Body>(request: HttpContext['request'], schema: object): Body {
  if (request.hasBody() && !request.is(['json'])) {
    throw new ApiProblem({
      status: 415,
      type: 'invalid_request_error',
      code: 'unsupported_media_type',
      message: 'The body must be JSON. Send the header "Content-Type: application/json" with it.',
    })
  }
  const body: unknown = request.body()
  const problem = check(schema, body, '')
  if (problem) throw invalidRequest(problem)
  return body as Body
}

/** The same request has the same digest, however its fields were ordered. */
export function requestDigest(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(body)))
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]))
}

export function invalidRequest({
  code,
  param,
  message,
}: {
  code: string
  param: string
  message: string
}) {
  const status = code === 'model_not_found' ? 404 : 422
  return new ApiProblem({ status, type: 'invalid_request_error', code, param, message })
}
