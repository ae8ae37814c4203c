import { createHash } from 'node:crypto'
import type { BenchDatabase } from './database.js'

/** What each organisation has: three grants of different ranks, and five rules that never refuse. */
const GRANTS = [
  { kind: 'promo', priority: 20, days: 90 },
  { kind: 'cycle', priority: 40, days: 30 },
  { kind: 'topup', priority: 60, days: null },
]
const CREDITS_EACH = 1_000_000
const PLENTY = 1_000_000_000_000_000n
const RULES = [
  { scope: 'org', measure: 'requests', window: 'minute' },
  { scope: 'key', measure: 'requests', window: 'minute' },
  { scope: 'provider', measure: 'requests', window: 'minute' },
  { scope: 'org', measure: 'credits', window: 'day' },
  { scope: 'org', measure: 'credits', window: 'month' },
]

/**
 * Fills an empty, prepared database with organisations, each with a key, grants and limits.
 * Answers the keys. There is a person too, so that the application does not take this for a
 * first start.
 */
export async function populate(
  { client }: Pick<BenchDatabase, 'client'>,
  organisations: number
): Promise<string[]> {
  const names = Array.from(
    { length: organisations },
    (_, n) => `org_${String(n).padStart(26, '0')}`
  )
  const keys = names.map((_, n) => `dg_live_${String(n).padStart(40, '0')}`)
  await client.query(
    `insert into users (id, email, password, full_name) values ('usr_bench', 'bench@example.test', '', 'Bench')`
  )
  await client.query(
    `with orgs as (insert into organisations (id, name) select id, id from unnest($1::text[]) id)
     select ledger_open(id, 'UTC') from unnest($1::text[]) id`,
    [names]
  )
  await client.query(
    `insert into api_keys (id, org_id, name, prefix, hash, mode, scopes)
     select 'key' || substr(org, 4), org, 'bench', substr(org, 1, 14), hash, 'live', '{generate,read}'
     from unnest($1::text[], $2::bytea[]) as k (org, hash)`,
    [names, keys.map((key) => createHash('sha256').update(key).digest())]
  )
  for (const { kind, priority, days } of GRANTS) {
    await client.query(
      `select ledger_grant(jsonb_build_object('account', org, 'id', 'gra' || substr(org, 4) || $2::text,
         'kind', $2::text, 'amount', $3::bigint * 1000000, 'priority', $4::int,
         'expires_at', now() + $5::int * interval '1 day', 'source', 'bench', 'source_ref', $2::text,
         'actor', 'system:bench', 'reason', 'to be spent'))
       from unnest($1::text[]) org`,
      [names, kind, CREDITS_EACH, priority, days]
    )
  }
  for (const { scope, measure, window } of RULES) {
    await client.query(
      `insert into limit_rules (account_id, scope, measure, "window", max)
       select org, $2, $3, $4, $5 from unnest($1::text[]) org`,
      [names, scope, measure, window, PLENTY.toString()]
    )
  }
  await client.query('vacuum analyze')
  return keys
}
