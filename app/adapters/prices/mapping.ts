import type { BookTerms, BookVersion } from '#core/prices/price_book'

export interface PageRow {
  id: string
  target: string
  effective_from: Date
  effective_until: Date | null
  terms: BookTerms
  origin: BookVersion['origin']
  actor: string
  note: string
  created_at: Date
}

export function pageOf(row: PageRow): BookVersion {
  return {
    id: row.id,
    target: row.target,
    effectiveFrom: row.effective_from,
    effectiveUntil: row.effective_until,
    terms: row.terms,
    origin: row.origin,
    actor: row.actor,
    note: row.note,
    createdAt: row.created_at,
  }
}
