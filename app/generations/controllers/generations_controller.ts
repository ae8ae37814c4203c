import { createHash } from 'node:crypto'
import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { failpoint } from '#core/failpoint'
import { Credits } from '#core/ledger/credits'
import { ApiProblem } from '#app/exceptions/api_problem'
import { AwaitGeneration } from '#app/generations/actions/await_generation'
import { deleteGeneration } from '#app/generations/actions/delete_generation'
import { StartGeneration } from '#app/generations/actions/start_generation'
import { presentGeneration, presentStarted } from '#app/generations/presenters'
import { generationQuery } from '#app/generations/queries/generation_query'
import { generationsQuery } from '#app/generations/queries/generations_query'
import { refusalProblem } from '#app/generations/refusal_problem'
import {
  createGenerationSchema,
  type CreateGenerationBody,
} from '#app/generations/validators/create_generation'
import { readListRequest, sealCursor } from '#app/generations/validators/list_generations'
import { idempotencyKey, preferredWait } from '#app/generations/validators/headers'
import { check } from '#app/generations/validators/schema_validator'
import type { Caller } from '#app/identity/caller'
import { keyRing } from '#app/identity/key_ring'

@inject()
export default class GenerationsController {
  constructor(
    private readonly start: StartGeneration,
    private readonly awaitGeneration: AwaitGeneration
  ) {}

  async store({ request, response, caller }: HttpContext) {
    const body = readBody(request)
    const key = idempotencyKey(request.header('idempotency-key'))
    const waitSeconds = preferredWait(request.header('prefer'))
    const wanted = { endUser: body.end_user, metadata: body.metadata }
    const outcome = await this.start.handle({
      ...wanted,
      accountId: caller.orgId,
      actor: caller.actor,
      keyId: caller.keyId,
      userId: caller.userId,
      model: body.model,
      input: body.input,
      maxCredits: body.max_credits ? Credits.parse(body.max_credits) : undefined,
      deadline: body.deadline ? new Date(body.deadline) : undefined,
      idempotency: key ? { key, requestHash: digest(body) } : null,
      traceparent: request.header('traceparent'),
    })

    switch (outcome.outcome) {
      case 'invalid':
        throw invalid(outcome.problem)
      case 'refused':
        if (outcome.refusal.type === 'key_revoked') keyRing.forget(caller.keyId!)
        throw refusalProblem(outcome.refusal)
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
        return response.accepted(presentStarted(caller.orgId, outcome.generation, wanted))
    }
  }

  async index({ request, response, caller }: HttpContext) {
    const { filters, limit, after, fingerprint } = readListRequest(request.qs())
    const page = await generationsQuery({ ...filters, accountId: caller.orgId }, { limit, after })
    return response.ok({
      object: 'list',
      data: page.generations.map(presentGeneration),
      next_cursor: page.next ? sealCursor(page.next, fingerprint) : null,
    })
  }

  async show({ params, response, caller }: HttpContext) {
    const view = await generationQuery(caller.orgId, params.id)
    if (!view) throw missing(params.id)
    if (view.charged) response.header('DayGen-Cost', view.charged.toString())
    return response.ok(presentGeneration(view))
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
      return response.accepted(presentGeneration(view))
    }
    if (seconds > 0) response.header('Preference-Applied', `wait=${seconds}`)
    response.header('DayGen-Cost', view.charged?.toString() ?? '0')
    return response.ok(presentGeneration(view))
  }
}

/** Aborts when the caller has gone. The generation goes on. */
function closedSignal(response: HttpContext['response']): AbortSignal {
  const closed = new AbortController()
  response.response.once('close', () => closed.abort())
  return closed.signal
}

function readBody(request: HttpContext['request']): CreateGenerationBody {
  if (request.hasBody() && !request.is(['json'])) {
    throw new ApiProblem({
      status: 415,
      type: 'invalid_request_error',
      code: 'unsupported_media_type',
      message: 'The body must be JSON. Send the header "Content-Type: application/json" with it.',
    })
  }
  const body: unknown = request.body()
  const problem = check(createGenerationSchema, body, '')
  if (problem) throw invalid(problem)
  return body as CreateGenerationBody
}

/** The same request has the same digest, however its fields were ordered. */
function digest(body: unknown): string {
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

function invalid({ code, param, message }: { code: string; param: string; message: string }) {
  const status = code === 'model_not_found' ? 404 : 422
  return new ApiProblem({ status, type: 'invalid_request_error', code, param, message })
}

export function missing(id: string) {
  return new ApiProblem({
    status: 404,
    type: 'invalid_request_error',
    code: 'generation_not_found',
    message: `There is no generation ${id} in this organisation.`,
  })
}
