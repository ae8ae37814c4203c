import type { HttpContext } from '@adonisjs/core/http'
import settings from '#config/webhooks'
import { readJsonBody } from '#app/generations/validators/json_body'
import { API_VERSIONS } from '#app/webhooks/event_types'

const url = { type: 'string', minLength: 1, maxLength: 2048 }
const description = { type: 'string', maxLength: 500 }
const events = {
  type: 'array',
  minItems: 1,
  maxItems: 50,
  uniqueItems: true,
  items: { type: 'string', maxLength: 100 },
}

const createSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['url'],
  properties: { url, events, description, api_version: { enum: [...API_VERSIONS] } },
}

/** Its version stays as it was made. */
const changeSchema = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: { url, events, description },
}

const rotateSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    overlap_seconds: {
      type: 'integer',
      minimum: 0,
      maximum: settings.rotation.longest / 1000,
    },
  },
}

interface CreateBody {
  url: string
  events?: string[]
  description?: string
  api_version?: string
}

export function readCreateEndpoint(request: HttpContext['request']) {
  const { api_version: apiVersion, ...body } = readJsonBody<CreateBody>(request, createSchema)
  return { ...body, apiVersion }
}

export function readChangeEndpoint(request: HttpContext['request']) {
  return readJsonBody<Partial<Omit<CreateBody, 'api_version'>>>(request, changeSchema)
}

/** A call without a body says nothing, and is right. */
export function readRotation(request: HttpContext['request']) {
  if (!request.hasBody() || request.header('content-length') === '0') return {}
  const { overlap_seconds: seconds } = readJsonBody<{ overlap_seconds?: number }>(
    request,
    rotateSchema
  )
  return { overlapMs: seconds === undefined ? undefined : seconds * 1000 }
}
