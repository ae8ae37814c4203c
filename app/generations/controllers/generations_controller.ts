import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { failpoint } from '#core/failpoint'
import { Credits } from '#core/ledger/credits'
import { ApiProblem } from '#app/exceptions/api_problem'
import { refusalProblem } from '#app/exceptions/refusal_problem'
import { AwaitGeneration } from '#app/generations/actions/await_generation'
import { deleteGeneration } from '#app/generations/actions/delete_generation'
import { StartGeneration } from '#app/generations/actions/start_generation'
import { inputProblem } from '#app/generations/input_problem'
import { presentGeneration, presentStarted } from '#app/generations/presenters'
import { generationQuery } from '#app/generations/queries/generation_query'
import { generationsQuery } from '#app/generations/queries/generations_query'
import { schemaOf, type CreateGenerationBody } from '#app/generations/validators/create_generation'
import { readJsonBody, requestDigest } from '#app/generations/validators/json_body'
import { readListRequest, sealCursor } from '#app/generations/validators/list_generations'
import { idempotencyKey, preferredWait } from '#app/generations/validators/headers'
import type { Caller } from '#app/identity/caller'
import { rateLimitHeaders } from '#app/middleware/rate_limit_headers'
import { UnauthenticatedException } from '#app/identity/errors'
import { keyRing } from '#app/identity/key_ring'

@inject()
export default class GenerationsController {
  constructor(
    private readonly start: StartGeneration,
    private readonly awaitGeneration: AwaitGeneration
  ) {}

  async store({ request, response, caller }: HttpContext) {
    const body = readJsonBody<CreateGenerationBody>(request, schemaOf(request.body()))
    const [model, ...fallbacks] = body.models ?? [body.model!]
    const key = idempotencyKey(request.headers()['idempotency-key'])
    const waitSeconds = preferredWait(request.header('prefer'))
    const wanted = { endUser: body.end_user, metadata: body.metadata }
    const outcome = await this.start.handle({
      ...wanted,
      accountId: caller.orgId,
      actor: caller.actor,
      keyId: caller.keyId,
      userId: caller.userId,
      model,
      fallbacks: fallbacks.length > 0 ? fallbacks : undefined,
      input: body.input,
      quoteId: body.quote_id,
      webhookUrl: body.webhook_url,
      maxCredits: body.max_credits ? Credits.parse(body.max_credits) : undefined,
      deadline: body.deadline ? new Date(body.deadline) : undefined,
      idempotency: key ? { key, requestHash: requestDigest(body) } : null,
      traceparent: request.header('traceparent'),
    })

    if ('rates' in outcome) {
      for (const [name, value] of Object.entries(rateLimitHeaders(outcome.rates ?? []))) {
        response.header(name, value)
      }
    }
    switch (outcome.outcome) {
      case 'invalid':
        throw inputProblem(outcome.problem)
      case 'refused':
        throw refusalProblem(outcome)
      case 'key_revoked':
        keyRing.forget(caller.keyId!)
        throw new UnauthenticatedException()
      case 'conflict':
        throw new ApiProblem({
          status: 409,
          type: 'invalid_request_error',
          code: 'idempotency_key_reused',
          message: `This Idempotency-Key was used for another request, which became ${outcome.generationId}. Use a new key for a new request.`,
          facts: { generation: outcome.generationId },
        })
      case 'exists':
        response.header('Idempotent-Replayed', 'true')
        return this.#answer(response, caller, outcome.generationId, waitSeconds)
      case 'started':
        failpoint('before-answer')
        if (waitSeconds > 0) {
          return this.#answer(response, caller, outcome.generation.id, waitSeconds)
        }
        response.header('Location', `/v1/generations/${outcome.generation.id}`)
        return response.accepted(presentStarted(caller, outcome.generation, wanted))
    }
  }

  async index({ request, response, caller }: HttpContext) {
    const { filters, limit, after, fingerprint } = readListRequest(request.qs())
    const page = await generationsQuery({ ...filters, accountId: caller.orgId }, { limit, after })
    return response.ok({
      object: 'list',
      data: page.generations.map((view) => presentGeneration(view, caller)),
      next_cursor: page.next ? sealCursor(page.next, fingerprint) : null,
    })
  }

  async show({ params, response, caller }: HttpContext) {
    const view = await generationQuery(caller.orgId, params.id)
    if (!view) throw missing(params.id)
    if (view.charged) response.header('DayGen-Cost', view.charged.toString())
    return response.ok(presentGeneration(view, caller))
  }

  async destroy({ params, response, caller }: HttpContext) {
    const result = await deleteGeneration(caller.orgId, params.id)
    if (result === 'missing') throw missing(params.id)
    if (result === 'open') {
      throw new ApiProblem({
        status: 409,
        type: 'invalid_request_error',
        code: 'generation_open',
        message: 'The generation is not finished yet. Cancel it first, then delete it.',
      })
    }
    return response.noContent()
  }

  /** Waits as long as was preferred: 200 once it is over, else 202 with where to look. */
  async #answer(response: HttpContext['response'], caller: Caller, id: string, seconds: number) {
    const signal = AbortSignal.any([AbortSignal.timeout(seconds * 1000), closedSignal(response)])
    const view = await this.awaitGeneration.handle(caller.orgId, id, signal)
    if (!view) throw missing(id)
    response.header('Location', `/v1/generations/${id}`)
    if (!view.finishedAt) {
      response.header('Retry-After', '2')
      return response.accepted(presentGeneration(view, caller))
    }
    if (seconds > 0) response.header('Preference-Applied', `wait=${seconds}`)
    response.header('DayGen-Cost', view.charged?.toString() ?? '0')
    return response.ok(presentGeneration(view, caller))
  }
}

/** Aborts when the caller has gone. The generation goes on. */
function closedSignal(response: HttpContext['response']): AbortSignal {
  const closed = new AbortController()
  response.response.once('close', () => closed.abort())
  return closed.signal
}

export function missing(id: string) {
  return new ApiProblem({
    status: 404,
    type: 'invalid_request_error',
    code: 'generation_not_found',
    message: `There is no generation ${id} in this organisation.`,
  })
}
