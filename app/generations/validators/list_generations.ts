import { createHash } from 'node:crypto'
import encryption from '@adonisjs/core/services/encryption'
import { readInstant, readLimit, refuseUnknown, wrongQuery } from '#app/exceptions/query_string'
import type { GenerationFilters, Position } from '#app/generations/queries/generations_query'

const STATUSES = ['queued', 'running', 'succeeded', 'failed', 'canceled', 'expired']
const PURPOSE = 'cursor'
const FIELDS = [
  'limit',
  'cursor',
  'created_at',
  'status',
  'model',
  'member',
  'key',
  'end_user',
  'metadata',
]

interface ListRequest {
  filters: GenerationFilters
  limit: number
  after?: Position
  /** Of the filters: a cursor holds for the list it came from. */
  fingerprint: string
}

/** Reads the query string of a list, or says which part of it is wrong. */
export function readListRequest(query: Record<string, any>): ListRequest {
  refuseUnknown(query, FIELDS)
  const filters: GenerationFilters = {
    status: many(query.status, 'status', STATUSES),
    model: many(query.model, 'model'),
    member: many(query.member, 'member'),
    key: many(query.key, 'key'),
    endUser: many(query.end_user, 'end_user'),
    metadata: readMetadata(query.metadata),
    ...readCreatedAt(query.created_at),
  }
  const fingerprint = fingerprintOf(filters)
  return {
    filters,
    fingerprint,
    limit: readLimit(query.limit),
    after: query.cursor === undefined ? undefined : openCursor(query.cursor, fingerprint),
  }
}

export function fingerprintOf(filters: object): string {
  return createHash('sha256').update(JSON.stringify(filters)).digest('base64url')
}

export function sealCursor(position: Position, fingerprint: string): string {
  return encryption.getMessageVerifier().sign({ position, fingerprint }, undefined, PURPOSE)
}

export function openCursor(cursor: unknown, fingerprint: string): Position {
  const opened = encryption
    .getMessageVerifier()
    .unsign<{ position: Position; fingerprint: string }>(String(cursor), PURPOSE)
  if (!opened)
    throw wrongQuery('cursor', 'This is no cursor of ours. Take next_cursor of the page before.')
  if (opened.fingerprint !== fingerprint) {
    throw wrongQuery(
      'cursor',
      'The filters differ from those of the page before. Begin again without cursor.'
    )
  }
  return opened.position
}

export function many(value: unknown, name: string, allowed?: string[]): string[] | undefined {
  if (value === undefined) return undefined
  const values: unknown[] = Array.isArray(value) ? value : [value]
  if (!values.every((one) => typeof one === 'string')) {
    throw wrongQuery(name, `Write ${name}=value, once for each value. It has no parts.`)
  }
  const other = allowed && values.find((one) => !allowed.includes(one))
  if (other) throw wrongQuery(name, `"${other}" is no ${name}. Use one of: ${allowed.join(', ')}.`)
  return values
}

function readMetadata(value: unknown): Record<string, string> | undefined {
  if (value === undefined) return undefined
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : [null])
  // A value with a comma in it comes as a list.
  if (!entries.every(([, one]) => [one].flat().every((part) => typeof part === 'string'))) {
    throw wrongQuery('metadata', 'Write metadata filters as metadata[name]=value.')
  }
  return Object.fromEntries(entries.map(([name, one]) => [name, String(one)]))
}

function readCreatedAt(value: unknown = {}) {
  const bounds = Object.entries(typeof value === 'object' ? value! : { '': value })
  if (bounds.some(([bound]) => bound !== 'gte' && bound !== 'lt')) {
    throw wrongQuery(
      'created_at',
      'Write bounds of time as created_at[gte]=… and created_at[lt]=….'
    )
  }
  const { gte, lt } = Object.fromEntries(bounds)
  return {
    createdFrom: readInstant(gte, 'created_at[gte]'),
    createdBefore: readInstant(lt, 'created_at[lt]'),
  }
}
