import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ProblemType } from './api_problem.js'

export interface Answer {
  status: number
  type: ProblemType
  code: string
  message: string
  param?: string
  retryable?: boolean
  facts?: Record<string, unknown>
  headers?: Record<string, string>
}

/** Every error of the API, as it is worded. */
export function errorBody(answer: Answer, requestId: string) {
  return {
    error: {
      type: answer.type,
      code: answer.code,
      message: answer.message,
      param: answer.param ?? null,
      retryable: answer.retryable ?? false,
      request_id: requestId,
      ...answer.facts,
    },
  }
}

const MALFORMED_URL: Answer = {
  status: 400,
  type: 'invalid_request_error',
  code: 'malformed_url',
  message: 'The address is not percent-encoded UTF-8. Write a percent sign of its own as %25.',
}

/** Answers an address that cannot be read: the framework knows no request, so no handler is asked. */
export function refuseUrl({ headers }: IncomingMessage, response: ServerResponse) {
  const requestId = headers['x-request-id']?.toString() || randomUUID()
  response.writeHead(MALFORMED_URL.status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Request-Id': requestId,
  })
  response.end(JSON.stringify(errorBody(MALFORMED_URL, requestId)))
}
