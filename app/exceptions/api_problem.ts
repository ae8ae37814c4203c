import { Exception } from '@adonisjs/core/exceptions'

export type ProblemType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'insufficient_credits'
  | 'rate_limit_error'
  | 'api_error'

interface ProblemFacts {
  status: number
  type: ProblemType
  /** Machine-readable, snake_case, never renamed. */
  code: string
  /** What was wrong and what to do about it. */
  message: string
  /** A JSON pointer to the field. */
  param?: string
  retryable?: boolean
  /** Further fields of the error object. */
  facts?: Record<string, unknown>
  headers?: Record<string, string>
}

/** An answer other than success, as the API words it. Controllers throw it, the handler renders it. */
export class ApiProblem extends Exception {
  constructor(readonly problem: ProblemFacts) {
    super(problem.message, { status: problem.status, code: problem.code })
  }
}
