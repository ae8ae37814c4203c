import type { HttpContext } from '@adonisjs/core/http'
import settings from '#config/batches'
import { readLimit, refuseUnknown, wrongQuery } from '#app/exceptions/query_string'
import { ITEM_STATUSES } from '#app/batches/queries/batch_items_query'
import { inputProblem } from '#app/generations/input_problem'
import { createGenerationSchema } from '#app/generations/validators/create_generation'
import { idempotencyKey } from '#app/generations/validators/headers'
import { readJsonBody, requestDigest } from '#app/generations/validators/json_body'
import { many } from '#app/generations/validators/list_generations'

const fields = createGenerationSchema.properties

const createBatchSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      minItems: 1,
      maxItems: settings.largest,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['model', 'input'],
        properties: {
          model: fields.model,
          input: fields.input,
          metadata: fields.metadata,
          end_user: fields.end_user,
        },
      },
    },
    max_credits: fields.max_credits,
    deadline: fields.deadline,
    webhook_url: fields.webhook_url,
    metadata: fields.metadata,
  },
}

interface CreateBatchBody {
  items: {
    model: string
    input: Record<string, unknown>
    metadata?: Record<string, string>
    end_user?: string
  }[]
  max_credits?: string
  deadline?: string
  webhook_url?: string
  metadata?: Record<string, string>
}

/** Reads the body of `POST /v1/batches`, or says what is wrong with it. */
export function readBatch(request: HttpContext['request']) {
  const key = idempotencyKey(request.headers()['idempotency-key'])
  const body = readJsonBody<CreateBatchBody>(request, createBatchSchema)
  const { items, max_credits: budget, webhook_url: webhookUrl, metadata: labels } = body
  return {
    items: items.map(({ end_user: endUser, ...item }) => ({ ...item, endUser })),
    budget,
    deadline: body.deadline === undefined ? undefined : instant(body.deadline),
    webhookUrl,
    metadata: labels,
    idempotencyKey: key,
    requestHash: requestDigest(body),
  }
}

function instant(text: string): Date {
  const date = new Date(text)
  if (!Number.isNaN(date.getTime())) return date
  const message = `"${text}" is no instant. Write one such as 2030-01-31T08:00:00Z.`
  throw inputProblem({ code: 'invalid_parameter', param: '/deadline', message })
}

/** Reads the query string of a list of batches. */
export function readListBatches(query: Record<string, any>) {
  refuseUnknown(query, ['limit', 'cursor'])
  const { cursor } = query
  if (cursor !== undefined && !/^bat_[0-9a-z]{26}$/.test(String(cursor))) throw wrongCursor()
  return { limit: readLimit(query.limit), before: cursor as string | undefined }
}

/** Reads the query string of a list of items. */
export function readListItems(query: Record<string, any>) {
  refuseUnknown(query, ['limit', 'cursor', 'status'])
  const { cursor } = query
  if (cursor !== undefined && !/^\d{1,6}$/.test(String(cursor))) throw wrongCursor()
  return {
    limit: readLimit(query.limit),
    after: cursor === undefined ? undefined : Number(cursor),
    statuses: many(query.status, 'status', ITEM_STATUSES),
  }
}

function wrongCursor() {
  return wrongQuery('cursor', 'This is no cursor of ours. Take next_cursor of the page before.')
}
