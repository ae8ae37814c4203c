import { ExceptionHandler, type HttpContext } from '@adonisjs/core/http'
import { errors as limiterErrors, type LimiterResponse } from '@adonisjs/limiter'
import type { ApiProblem } from './api_problem.js'
import { errorBody, type Answer } from './error_body.js'

/** Postgres, of a text that it cannot keep: U+0000, or what is no Unicode. */
const NO_TEXT: Answer = {
  status: 400,
  type: 'invalid_request_error',
  code: 'invalid_text',
  message: 'The request holds a character that is no text, such as U+0000. Leave it out.',
}

/** Code → HTTP. The only table of statuses; whoever throws knows nothing of HTTP. */
const KNOWN: Record<string, Omit<Answer, 'message'> & { message?: string }> = {
  'E_API_KEY_INVALID': { status: 401, type: 'authentication_error', code: 'invalid_api_key' },
  'E_SCOPE_MISSING': { status: 403, type: 'permission_error', code: 'scope_missing' },
  'E_ROUTE_NOT_FOUND': {
    status: 404,
    type: 'invalid_request_error',
    code: 'route_not_found',
    message: 'There is nothing at this address. The API begins with /v1, the console with /admin.',
  },
  'E_REQUEST_ENTITY_TOO_LARGE': {
    status: 413,
    type: 'invalid_request_error',
    code: 'body_too_large',
    message: 'The body is too large. JSON may be 256 kB; send files to /v1/uploads (25 MB).',
  },
  'E_CALLBACK_TOO_LARGE': { status: 413, type: 'invalid_request_error', code: 'body_too_large' },
  'E_LEDGER_ACCOUNT_MISSING': {
    status: 404,
    type: 'invalid_request_error',
    code: 'account_missing',
  },
  'E_LEDGER_ACCOUNT_CLOSED': {
    status: 409,
    type: 'invalid_request_error',
    code: 'account_closed',
  },
  'E_LEDGER_REQUEST_INVALID': {
    status: 422,
    type: 'invalid_request_error',
    code: 'invalid_movement',
  },
  'E_LEDGER_REASON_MISSING': {
    status: 422,
    type: 'invalid_request_error',
    code: 'reason_missing',
  },
  'E_GRANT_EXPIRY_PAST': { status: 422, type: 'invalid_request_error', code: 'expiry_past' },
  'E_AMOUNT_INVALID': { status: 422, type: 'invalid_request_error', code: 'invalid_amount' },
  '22021': NO_TEXT,
  '22P05': NO_TEXT,
}

/** What zlib and brotli say of a body that is cut off or is something else. */
const BROKEN_ENCODING = /^(Z_|ERR__ERROR_|ERR_BROTLI|ERR_ZLIB|ZSTD_)/

export default class HttpExceptionHandler extends ExceptionHandler {
  protected debug = false
  protected renderStatusPages = false

  async handle(error: unknown, ctx: HttpContext) {
    const answer = answerTo(error)
    if (wantsPage(ctx)) return this.#page(answer, ctx)
    const requestId = ctx.request.id()!
    ctx.response.header('Request-Id', requestId)
    for (const [name, value] of Object.entries(answer.headers ?? {}))
      ctx.response.header(name, value)
    return ctx.response.status(answer.status).json(errorBody(answer, requestId))
  }

  async report(error: unknown, ctx: HttpContext) {
    const { status } = answerTo(error)
    if (status >= 500) ctx.logger.error({ err: error }, 'a request failed')
  }

  async #page(answer: Answer, { view, response }: HttpContext) {
    return response.status(answer.status).send(await view.render('pages/error', { answer }))
  }
}

/** Of calls at the edge, which cost nothing and are counted roughly. */
function tooMany({ limit, availableIn }: LimiterResponse): Answer {
  return {
    status: 429,
    type: 'rate_limit_error',
    code: 'too_many_requests',
    message: `More than ${limit} such calls in a while. Try again in ${availableIn} s.`,
    retryable: true,
    headers: { 'Retry-After': String(availableIn) },
  }
}

function answerTo(error: unknown): Answer {
  const fault = error as Partial<ApiProblem> & { status?: number; code?: string; message?: string }
  if (fault.problem) return fault.problem
  if (error instanceof limiterErrors.E_TOO_MANY_REQUESTS) return tooMany(error.response)
  const known = KNOWN[fault.code ?? '']
  if (known) return { ...known, message: known.message ?? fault.message! }
  if (BROKEN_ENCODING.test(fault.code ?? '')) {
    return {
      status: 400,
      type: 'invalid_request_error',
      code: 'malformed_body',
      message: 'The body is not what its Content-Encoding says. Send it whole, or without one.',
    }
  }
  if (fault.status && fault.status < 500) {
    return {
      status: fault.status,
      type: 'invalid_request_error',
      code: (fault.code ?? 'invalid_request').replace(/^E_/, '').toLowerCase(),
      message: fault.message ?? 'The request could not be understood.',
    }
  }
  return {
    status: 500,
    type: 'api_error',
    code: 'internal_error',
    message:
      'Something broke on our side. Nothing was charged by this call. Try again, and name the request id if it persists.',
    retryable: true,
  }
}

function wantsPage({ request }: HttpContext) {
  const path = request.url()
  return (
    !path.startsWith('/v1') &&
    !path.startsWith('/files') &&
    !path.startsWith('/openai') &&
    request.accepts(['json', 'html']) === 'html'
  )
}
