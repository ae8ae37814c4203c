import type { HttpContext } from '@adonisjs/core/http'
import { readLimit, refuseUnknown, wrongQuery } from '#app/exceptions/query_string'
import type { Position } from '#app/generations/queries/generations_query'
import { inputProblem } from '#app/generations/input_problem'
import { readJsonBody } from '#app/generations/validators/json_body'
import {
  fingerprintOf,
  many,
  openCursor,
  sealCursor,
} from '#app/generations/validators/list_generations'
import { DELIVERY_STATES, type DeliveryState } from '#app/webhooks/queries/deliveries_query'

const FIELDS = ['limit', 'cursor', 'endpoint', 'generation', 'status', 'type']

/** Reads the query string of a list of deliveries, or says which part of it is wrong. */
export function readListDeliveries(query: Record<string, any>) {
  refuseUnknown(query, FIELDS)
  const filters = {
    endpoint: one(query.endpoint, 'endpoint'),
    generation: one(query.generation, 'generation'),
    states: many(query.status, 'status', [...DELIVERY_STATES]),
    types: many(query.type, 'type'),
  }
  const fingerprint = fingerprintOf({ deliveries: filters })
  return {
    filters,
    cursorOf: (position: Position) => sealCursor(position, fingerprint),
    limit: readLimit(query.limit),
    after: query.cursor === undefined ? undefined : openCursor(query.cursor, fingerprint),
  }
}

function one(value: unknown, name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw wrongQuery(name, `Write ${name}=id, once.`)
}

const instant = {
  type: 'string',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})$',
  description: 'an ISO 8601 instant with its zone such as "2030-01-31T08:00:00Z".',
}

const replaySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['from'],
  properties: {
    from: instant,
    to: instant,
    status: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { enum: ['failed', 'skipped', 'delivered'] },
    },
    after_seq: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
}

interface ReplayBody {
  from: string
  to?: string
  status?: DeliveryState[]
  after_seq?: number
}

/** What was missed, unless more is asked for. */
export function readReplay(request: HttpContext['request']) {
  const body = readJsonBody<ReplayBody>(request, replaySchema)
  return {
    from: readInstant(body.from, '/from'),
    to: body.to === undefined ? new Date() : readInstant(body.to, '/to'),
    states: body.status ?? ['failed' as const, 'skipped' as const],
    afterSeq: body.after_seq,
  }
}

function readInstant(text: string, param: string): Date {
  const date = new Date(text)
  if (!Number.isNaN(date.getTime())) return date
  const message = `"${text}" is no instant. Write one such as 2030-01-31T08:00:00Z.`
  throw inputProblem({ code: 'invalid_parameter', param, message })
}
