import type { HttpContext } from '@adonisjs/core/http'
import { Credits } from '#core/ledger/credits'
import { idempotencyKey } from '#app/generations/validators/headers'
import { inputProblem } from '#app/generations/input_problem'
import { readJsonBody, requestDigest } from '#app/generations/validators/json_body'

/** How long a hold stays open when its caller does not say, and at most. */
const DEFAULT_SECONDS = 900
const LONGEST_SECONDS = 86_400

const amount = {
  type: 'string',
  pattern: '^\\d{1,13}(\\.\\d{1,6})?$',
  description: 'a decimal string of credits, zero or above, such as "1.25".',
}

const openSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['amount'],
  properties: {
    amount,
    expires_in: { type: 'integer', minimum: 1, maximum: LONGEST_SECONDS },
    description: { type: 'string', maxLength: 500 },
    metadata: {
      type: 'object',
      maxProperties: 16,
      propertyNames: { maxLength: 64 },
      additionalProperties: { type: 'string', maxLength: 512 },
    },
  },
}

const settleSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['cost'],
  properties: { cost: amount },
}

interface OpenBody {
  amount: string
  expires_in?: number
  description?: string
  metadata?: Record<string, string>
}

/** What `POST /v1/holds` asks for. */
export function readOpenHold(request: HttpContext['request']) {
  const body = readJsonBody<OpenBody>(request, openSchema)
  const key = idempotencyKey(request.header('idempotency-key'))
  const wanted = readAmount(body.amount, '/amount')
  if (wanted.isZero) {
    throw inputProblem({
      code: 'invalid_parameter',
      param: '/amount',
      message: '"amount" must be above zero: a hold of nothing keeps nothing.',
    })
  }
  return {
    amount: wanted,
    expiresInSeconds: body.expires_in ?? DEFAULT_SECONDS,
    description: body.description ?? null,
    metadata: body.metadata ?? {},
    // Its own word before the body: one key names one request, whatever route it went to.
    idempotency: key ? { key, requestHash: requestDigest({ hold: body }) } : null,
  }
}

/** What `POST /v1/holds/:id/settle` says the work cost. */
export function readSettleHold(request: HttpContext['request']): Credits {
  const { cost } = readJsonBody<{ cost: string }>(request, settleSchema)
  return readAmount(cost, '/cost')
}

function readAmount(text: string, param: string): Credits {
  try {
    return Credits.parse(text)
  } catch (error) {
    throw inputProblem({
      code: 'invalid_parameter',
      param,
      message: (error as Error).message,
    })
  }
}
