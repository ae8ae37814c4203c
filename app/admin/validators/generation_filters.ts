import type { GenerationFilters, Position } from '#app/generations/queries/generations_query'

export const STATUSES = ['queued', 'running', 'succeeded', 'failed', 'canceled', 'expired']

/** The fields of the filter form as they stand in the address. */
export interface FilterFields {
  status: string
  model: string
  provider: string
  organisation: string
  from: string
  to: string
  /** Empty for live accounts. */
  mode: string
}

const DAY_MS = 86_400_000
const POSITION = /^(\d{4}-\d{2}-\d{2}T[\d:.]+Z)~(gen_[a-z0-9]+)$/

/** What does not make sense is no filter: an address typed by hand still shows a list. */
export function readFilters(query: Record<string, unknown>): {
  fields: FilterFields
  filters: GenerationFilters
} {
  const fields = {
    status: STATUSES.includes(String(query.status)) ? String(query.status) : '',
    model: text(query.model),
    provider: text(query.provider),
    organisation: text(query.organisation),
    from: day(query.from),
    to: day(query.to),
    mode: query.mode === 'test' ? 'test' : '',
  }
  const filters = {
    status: some(fields.status),
    model: some(fields.model),
    provider: some(fields.provider),
    accountId: fields.organisation || undefined,
    mode: fields.mode === 'test' ? ('test' as const) : ('live' as const),
    createdFrom: fields.from ? new Date(fields.from) : undefined,
    // The last day is meant whole.
    createdBefore: fields.to ? new Date(Date.parse(fields.to) + DAY_MS) : undefined,
  }
  return { fields, filters }
}

/** The filters as a query string, without those that are not set. */
export function filterQuery(fields: FilterFields, more: Record<string, string> = {}): string {
  const set = Object.entries({ ...fields, ...more }).filter(([, value]) => value !== '')
  return new URLSearchParams(set).toString()
}

export function readPosition(value: unknown): Position | undefined {
  const [, createdAt, id] = POSITION.exec(text(value)) ?? []
  return id && !Number.isNaN(Date.parse(createdAt)) ? { createdAt, id } : undefined
}

export function positionText({ createdAt, id }: Position): string {
  return `${createdAt}~${id}`
}

function text(value: unknown): string {
  // Postgres keeps no text with a NUL in it, so there is nothing to find by one.
  return typeof value === 'string' ? value.replaceAll('\0', '').trim().slice(0, 200) : ''
}

function day(value: unknown): string {
  const written = text(value)
  return /^\d{4}-\d{2}-\d{2}$/.test(written) && !Number.isNaN(Date.parse(written)) ? written : ''
}

function some(value: string): string[] | undefined {
  return value ? [value] : undefined
}
