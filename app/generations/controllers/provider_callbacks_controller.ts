import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { ApiProblem } from '#app/exceptions/api_problem'
import { HearCallback } from '#app/generations/actions/hear_callback'
import { readRawBody } from '#app/generations/validators/raw_body'
import { edgeLimits } from '#app/middleware/edge_limits'

const LARGEST_BODY = 256 * 1024

@inject()
export default class ProviderCallbacksController {
  constructor(private readonly hear: HearCallback) {}

  /** 2xx for whatever need not come again, so that vendors stop sending it. */
  async store({ request, response }: HttpContext) {
    await edgeLimits.consume('callbacks', request.ip())
    const { provider, account, job, token } = request.params()
    const heard = await this.hear.handle({ provider, accountId: account, jobId: job }, token, {
      headers: namesAndValues(request.headers()),
      query: namesAndValues(request.qs()),
      body: await readRawBody(request.request, LARGEST_BODY),
    })
    switch (heard.is) {
      case 'unknown':
        throw unknown()
      case 'forged':
        throw forged()
      case 'challenge':
        return response.ok(heard.answer)
      case 'late':
        return response.ok({ effect: 'none', found: heard.state })
      case 'news':
        return response.accepted({ effect: 'asked' })
    }
  }
}

function namesAndValues(all: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, [value].flat().join(', ')])
  )
}

function unknown() {
  return new ApiProblem({
    status: 404,
    type: 'invalid_request_error',
    code: 'callback_unknown',
    message: 'Nobody was given this address to tell of a job, or the job is gone.',
  })
}

function forged() {
  return new ApiProblem({
    status: 401,
    type: 'authentication_error',
    code: 'callback_forged',
    message: 'The callback is not signed by its provider, was altered, or is too old.',
  })
}
