import { createHash } from 'node:crypto'
import type { HttpContext } from '@adonisjs/core/http'
import { canonical } from '#core/prices/digest'
import { ApiProblem } from '#app/exceptions/api_problem'
import { inputProblem } from '#app/generations/input_problem'
import { check } from '#app/generations/validators/schema_validator'

/** Reads a body that is JSON and fits a schema, or says what is wrong with it. */
export function readJsonBody<Body>(request: HttpContext['request'], schema: object): Body {
  if (request.bodyType !== 'json' && request.hasBody()) {
    throw new ApiProblem({
      status: 415,
      type: 'invalid_request_error',
      code: 'unsupported_media_type',
      message: 'The body must be JSON. Send the header "Content-Type: application/json" with it.',
    })
  }
  const body: unknown = request.body()
  const problem = check(schema, body, '')
  if (problem) throw inputProblem(problem)
  return body as Body
}

/** The same request has the same digest, however its fields were ordered. */
export function requestDigest(body: unknown): string {
  return createHash('sha256').update(canonical(body)).digest('hex')
}
