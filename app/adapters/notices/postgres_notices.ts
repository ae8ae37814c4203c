import { newId } from '#core/ids'
import { Credits } from '#core/ledger/credits'
import type { Violation } from '#core/ledger/types'
import { Notices, type Notice, type NoticeFacts, type NoticeListener } from '#core/notices/notices'
import { json, type Sql } from '#adapters/postgres/sql'

const LOOK_MS = 1_000
/** Accounts in one call. */
const BATCH = 200
/** Whose books are added up at each look: the chain of an account is read whole for it. */
const VERIFIED = 2
/** A notice that its process did not live to tell is told by another after this. */
const TELL_AGAIN_MS = 60_000

interface Row {
  account_id: string
  type: NoticeFacts['type']
  subject: string
  period: string
  id: string
  facts: Record<string, any>
  created_at: Date
}

interface Settings {
  lowBalance: Credits
}

/** Looks at the accounts that moved, all of a second in one call. */
export class PostgresNotices extends Notices {
  readonly #moved = new Set<string>()
  readonly #listeners = new Set<NoticeListener>()
  #timer: NodeJS.Timeout | null = null
  #looking: Promise<void> = Promise.resolve()
  #toldAgainAt = 0

  constructor(
    private readonly sql: Sql,
    private readonly verify: (accountId: string) => Promise<Violation[]>,
    private readonly settings: Settings,
    private readonly logger: { error(facts: object, message: string): void }
  ) {
    super()
  }

  look(accountId: string) {
    this.#moved.add(accountId)
    this.#timer ??= setTimeout(() => void this.flush(), LOOK_MS).unref()
  }

  subscribe(listener: NoticeListener) {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async list({ accountId, limit }: { accountId?: string; limit: number }) {
    const rows = await this.sql.rows<Row>(
      `select * from notices where $1::text is null or account_id = $1
       order by created_at desc limit $2`,
      [accountId ?? null, limit]
    )
    return rows.map(noticeOf)
  }

  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    const accounts = [...this.#moved]
    this.#moved.clear()
    this.#looking = this.#looking.then(() => this.#lookAt(accounts))
    return this.#looking
  }

  async #lookAt(accounts: string[]) {
    try {
      for (let first = 0; first < accounts.length; first += BATCH) {
        const rows = await this.sql.rows<Row>('select * from notice_look($1, $2)', [
          accounts.slice(first, first + BATCH),
          this.settings.lowBalance.micro.toString(),
        ])
        await this.#tell(rows)
      }
      await this.#verify(accounts)
      await this.#tellAgain()
    } catch (error) {
      // Whatever is still true is found at the next look.
      this.logger.error(
        { err: error, accounts: accounts.length },
        'notices could not be looked for'
      )
    }
  }

  /** Some of those that moved: over the day each account has its turn. */
  async #verify(accounts: string[]) {
    const start = Math.floor(Math.random() * accounts.length)
    for (const accountId of accounts.slice(start, start + VERIFIED)) {
      for (const { invariant, detail } of await this.verify(accountId)) {
        const rows = await this.sql.rows<Row>(
          `insert into notices (account_id, type, subject, period, id, facts)
           values ($1, 'ledger_violation', $2, current_date::text, $3, $4)
           on conflict do nothing returning *`,
          [accountId, invariant, newId('ntc'), json({ invariant, detail })]
        )
        await this.#tell(rows)
      }
    }
  }

  async #tellAgain() {
    if (Date.now() - this.#toldAgainAt < TELL_AGAIN_MS) return
    this.#toldAgainAt = Date.now()
    const rows = await this.sql.rows<Row>(
      `select * from notices
       where told_at is null and created_at < clock_timestamp() - $1 * interval '1 ms'
       order by created_at limit $2`,
      [TELL_AGAIN_MS, BATCH]
    )
    await this.#tell(rows)
  }

  async #tell(rows: Row[]) {
    for (const row of rows) {
      const notice = noticeOf(row)
      const heard = await Promise.allSettled([...this.#listeners].map(async (hear) => hear(notice)))
      const deaf = heard.find(({ status }) => status === 'rejected')
      if (deaf) {
        const { reason } = deaf as PromiseRejectedResult
        this.logger.error({ err: reason, notice: notice.id }, 'a notice could not be told')
        continue
      }
      await this.sql.rows(
        `update notices set told_at = clock_timestamp()
         where account_id = $1 and type = $2 and subject = $3 and period = $4`,
        [row.account_id, row.type, row.subject, row.period]
      )
    }
  }
}

function noticeOf(row: Row): Notice {
  return {
    id: row.id,
    accountId: row.account_id,
    facts: factsOf(row),
    createdAt: row.created_at,
  }
}

function factsOf({ type, facts }: Row): NoticeFacts {
  switch (type) {
    case 'budget_threshold':
      return {
        ...(facts as Omit<Extract<NoticeFacts, { type: 'budget_threshold' }>, 'type'>),
        type,
        limit: BigInt(facts.limit),
        used: BigInt(facts.used),
        held: BigInt(facts.held),
      }
    case 'limit_observed':
      return {
        ...(facts as Omit<Extract<NoticeFacts, { type: 'limit_observed' }>, 'type'>),
        type,
        limit: BigInt(facts.limit),
      }
    case 'balance_low':
      return {
        type,
        available: Credits.fromMicro(facts.available),
        below: Credits.fromMicro(facts.below),
      }
    case 'overdraft':
      return { type, overdraft: Credits.fromMicro(facts.overdraft) }
    case 'loss':
      return {
        type,
        jobId: facts.jobId,
        kind: facts.kind,
        credits: Credits.fromMicro(facts.credits),
        vendorCostMicroUsd: BigInt(facts.vendorCostMicroUsd),
      }
    case 'ledger_violation':
      return { type, invariant: facts.invariant, detail: facts.detail }
    case 'provider_unavailable':
      return { type, provider: facts.provider, cause: facts.cause, message: facts.message }
    case 'price_drift':
      return { type, model: facts.model, jobs: facts.jobs, part: facts.part, mend: facts.mend }
    case 'webhook_disabled':
      return {
        type,
        endpointId: facts.endpointId,
        url: facts.url,
        because: facts.because,
        failingSince: new Date(facts.failingSince),
      }
  }
}
