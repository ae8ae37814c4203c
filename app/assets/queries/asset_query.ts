import db from '@adonisjs/lucid/services/db'

export interface Asset {
  accountId: string
  id: string
  sha256: string
  source: 'upload' | 'reference' | 'output'
  contentType: string
  bytes: number
  width: number | null
  height: number | null
  durationMs: number | null
  createdAt: Date
}

export const ASSET_COLUMNS = [
  'account_id',
  'id',
  'sha256',
  'source',
  'content_type',
  'bytes',
  'width',
  'height',
  'duration_ms',
  'created_at',
]

export interface AssetRow {
  account_id: string
  id: string
  sha256: string
  source: Asset['source']
  content_type: string
  bytes: bigint
  width: number | null
  height: number | null
  duration_ms: bigint | null
  created_at: Date
}

/** A file an organisation has, or `null`. Somebody else's and a deleted one are `null` as well. */
export async function assetQuery(accountId: string, id: string): Promise<Asset | null> {
  const row: AssetRow | null = await db
    .from('assets')
    .select(ASSET_COLUMNS)
    .where({ account_id: accountId, id })
    .whereNull('deleted_at')
    .first()
  return row && assetOf(row)
}

/** Those of these ids that an organisation has, by id. */
export async function assetsQuery(accountId: string, ids: string[]): Promise<Map<string, Asset>> {
  if (ids.length === 0) return new Map()
  const rows: AssetRow[] = await db
    .from('assets')
    .select(ASSET_COLUMNS)
    .where({ account_id: accountId })
    .whereIn('id', ids)
    .whereNull('deleted_at')
  return new Map(rows.map((row) => [row.id, assetOf(row)]))
}

export function assetOf(row: AssetRow): Asset {
  return {
    accountId: row.account_id,
    id: row.id,
    sha256: row.sha256,
    source: row.source,
    contentType: row.content_type,
    bytes: Number(row.bytes),
    width: row.width,
    height: row.height,
    durationMs: row.duration_ms === null ? null : Number(row.duration_ms),
    createdAt: row.created_at,
  }
}
