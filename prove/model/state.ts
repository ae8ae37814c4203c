import type { Sql } from '#adapters/postgres/sql'
import type { Account } from './oracle/account.js'
import { isFinal } from './oracle/facts.js'
import type { Oracle } from './oracle/oracle.js'
import type { Micros } from './windows.js'

/**
 * All that both remember, a line a fact, so that they can be compared and a difference be read.
 * Amounts are micro-credits, times microseconds since 1970.
 */
export interface Detail {
  /** Where nobody else moves the clock, times are equal as well. */
  times: boolean
}

export function linesOf(oracle: Oracle, { times }: Detail): string[] {
  const lines: string[] = []
  for (const [id, account] of oracle.accounts) {
    const say = (...facts: unknown[]) => lines.push([id, ...facts].join(' ').trim())
    sayCredits(account, say, times)
    sayMovements(account, say)
    sayWork(account, say, times)
  }
  return lines.sort()
}

type Say = (...facts: unknown[]) => void

function sayCredits(account: Account, say: Say, times: boolean) {
  const { overdraft, closed, entries } = account
  const balance = [account.available(), account.held(), overdraft]
  say('account', ...balance, entries.length, closed ? 'closed' : 'open')
  for (const { id: grant, kind, priority, amount, remaining, held, ...rest } of account.grants) {
    const only = [rest.only?.models, rest.only?.kinds].map((names) =>
      names ? JSON.stringify(names) : '-'
    )
    const life = times ? [text(rest.expiresAt), rest.parent ?? '-'] : []
    say('grant', grant, rest.ref, kind, priority, amount, remaining, held, ...only, ...life)
  }
  for (const { id: hold, amount, state, cost, slices } of account.holds.values()) {
    say('hold', hold, amount, state, cost ?? '-', partsText(slices))
  }
  for (const { kind, amount, grant, hold, at } of entries) {
    say('entry', kind, amount, grant ?? '-', hold ?? '-', times ? text(at) : '')
  }
  for (const { window, max, held, used, waiting, ...name } of account.limits.counters.values()) {
    const { scope, scopeId, measure, size } = name
    const bounds = [text(window.start), text(window.end)]
    say('counter', scope, scopeId, measure, size, ...bounds, max, held, used, waiting)
  }
}

function sayMovements(account: Account, say: Say) {
  for (const [ref, { hold, amount }] of account.refunds) say('refund', ref, hold, amount)
  for (const [grant, { taken, asOf, ...state }] of account.clawBacks) {
    const { charged, refunded, disputed, booked, revision } = state
    say('claw_back', grant, charged, refunded, disputed, asOf, booked, revision, partsText(taken))
  }
  for (const [ref, { direction, peer, debt, arrived, grants }] of account.transfers) {
    const parts = partsText(grants.map(({ id, amount }) => [id, amount]))
    say('transfer', ref, direction, peer, debt, arrived, parts)
  }
  for (const loss of account.losses) say('loss', loss)
}

function sayWork(account: Account, say: Say, times: boolean) {
  for (const job of account.jobs.values()) {
    const gate = (!isFinal(job) && job.gate) || '-'
    const facts = [job.state, job.attempt, job.token, job.cancelRequested, job.handle, gate]
    say('job', job.id, ...facts, ...(times ? [text(job.runAt), text(job.leaseUntil)] : []))
    const ended = isFinal(job)
    say('story', job.id, ended ? job.state : 'open', ended ? 1 : 0, ended ? 1 : 0)
  }
  for (const { id, key, expiresAt } of account.directHolds.values()) {
    const isOpen = account.holds.get(id)!.state === 'held'
    say('direct', id, key ?? '-', times && isOpen ? text(expiresAt) : '')
  }
  for (const usage of account.usage) say('usage', usage)
  for (const [key, { hash, names }] of account.keys) say('key', key, hash, names)
}

function partsText(parts: [string | null, bigint][]): string {
  return JSON.stringify(parts.map(([grant, amount]) => [grant ?? '', String(amount)]))
}

export async function linesIn(sql: Sql, { times }: Detail): Promise<string[]> {
  const rows = await sql.rows<{ line: string }>(SQL, [times])
  return rows.map(({ line }) => line.trim()).sort()
}

/** What one has and the other has not, or `null`. */
export function difference(actual: string[], expected: string[]): string | null {
  const [a, b] = [missing(actual, expected), missing(expected, actual)]
  if (a.length + b.length === 0) return null
  const some = (sign: string, lines: string[]) =>
    lines.slice(0, 8).map((line) => `  ${sign} ${line}`)
  return ['database only:', ...some('+', a), 'oracle only:', ...some('-', b)].join('\n')
}

/** Of two sorted lists, what is in the first and not in the second; one of two equals as well. */
function missing(from: string[], other: string[]): string[] {
  const left = new Map<string, number>()
  for (const line of other) left.set(line, (left.get(line) ?? 0) + 1)
  return from.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

function text(moment: Micros | null): string {
  if (moment === null) return '-'
  return Number.isFinite(moment) ? String(moment) : moment < 0 ? '-infinity' : 'infinity'
}

const MOMENT = (column: string) => `case when ${column} is null then '-'
  when isfinite(${column}) then ((extract(epoch from ${column}) * 1000000)::bigint)::text
  else ${column}::text end`
const PARTS = (column: string) => `(select '[' || coalesce(string_agg(
    format('["%s","%s"]', p.part->>0, p.part->>1), ',' order by n), '') || ']'
  from jsonb_array_elements(${column}) with ordinality p (part, n))`
const LIFE = `case when $1::boolean then concat_ws(' ', ${MOMENT('expires_at')}, coalesce(parent_grant_id, '-')) end`

const SQL = `
  select concat_ws(' ', id, 'account', available_micro, held_micro, overdraft_micro, seq, state) as line
  from accounts
union all
  select concat_ws(' ', account_id, 'grant', id, source || ':' || source_ref, kind, priority,
    amount_micro, remaining_micro, held_micro, coalesce(restricted_to->>'models', '-'),
    coalesce(restricted_to->>'kinds', '-'), ${LIFE})
  from grants
union all
  select concat_ws(' ', account_id, 'hold', id, amount_micro, state, coalesce(cost_micro::text, '-'),
    ${PARTS('slices')})
  from holds
union all
  select concat_ws(' ', account_id, 'entry', kind, amount_micro, coalesce(grant_id, '-'), coalesce(hold_id, '-'),
    case when $1 then ${MOMENT('created_at')} end)
  from entries
union all
  select concat_ws(' ', account_id, 'counter', scope, scope_id, measure, "window",
    ${MOMENT('window_start')}, ${MOMENT('window_end')}, max, held, used, waiting)
  -- How much of a budget over all an account has leased is nothing that its own calls decide.
  from counters where scope <> 'platform'
union all
  select concat_ws(' ', account_id, 'job', id, state, attempt, token,
    (cancel_requested_at is not null)::text, (handle is not null)::text,
    coalesce(case state when 'queued' then gate end, '-'),
    case when $1 then concat_ws(' ', ${MOMENT('run_at')}, ${MOMENT('lease_until')}) end)
  from jobs
union all
  select concat_ws(' ', j.account_id, 'story', j.id, coalesce(g.outcome, 'open'),
    count(e) filter (where e.type in ('settled', 'released')),
    count(e) filter (where e.type in ('succeeded', 'failed', 'canceled', 'expired')))
  from jobs j
  left join generations g on g.account_id = j.account_id and g.job_id = j.id
  left join job_events e on e.account_id = j.account_id and e.job_id = j.id
  group by j.account_id, j.id, g.outcome
union all
  select concat_ws(' ', account_id, 'loss', job_id, attempt, kind, price_micro) from losses
union all
  select concat_ws(' ', account_id, 'usage', job_id, attempt, status, price_micro) from usage_events
union all
  select concat_ws(' ', k.account_id, 'key', k.key, k.request_hash, g.job_id)
  from idempotency_keys k
  left join generations g on g.account_id = k.account_id and g.id = k.generation_id
union all
  select concat_ws(' ', account_id, 'key', idempotency_key, request_hash, id)
  from direct_holds where idempotency_key is not null
union all
  select concat_ws(' ', account_id, 'direct', id, coalesce(idempotency_key, '-'),
    case when $1 then nullif(${MOMENT('due')}, '-') end)
  from direct_holds
union all
  select concat_ws(' ', account_id, 'refund', ref, hold_id, amount_micro) from refunds
union all
  select concat_ws(' ', account_id, 'claw_back', grant_id, charged, refunded, disputed,
    ${MOMENT('as_of')}, booked_micro, revision, ${PARTS('taken')})
  from claw_backs
union all
  select concat_ws(' ', account_id, 'transfer', ref, direction, peer_id, debt_micro,
    (arrived_at is not null)::text, (select '[' || coalesce(string_agg(
      format('["%s","%s"]', g->>'id', g->>'amount'), ',' order by n), '') || ']'
    from jsonb_array_elements(grants) with ordinality x (g, n)))
  from transfers`
