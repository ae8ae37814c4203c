import { AccountClock, type AdvanceResult } from '#core/ledger/account_clock'
import { AccountMissingFault } from '#core/ledger/errors'
import type { Sql } from '#adapters/postgres/sql'

/** The time of an account as `ledger_clock` tells it. */
export class PostgresAccountClock extends AccountClock {
  constructor(private readonly sql: Sql) {
    super()
  }

  async now(accountId: string): Promise<Date> {
    const [row] = await this.sql.rows<{ at: Date }>(
      'select ledger_clock(a) as at from accounts a where a.id = $1',
      [accountId]
    )
    if (!row) throw new AccountMissingFault(accountId)
    return row.at
  }

  async advance(accountId: string, to: Date): Promise<AdvanceResult> {
    const { outcome, at } = await this.sql
      .verb<{ outcome: AdvanceResult['outcome']; at: string }>('ledger_advance_clock', {
        account: accountId,
        to,
      })
      .catch((error) => {
        throw error.code === 'DG001' ? new AccountMissingFault(accountId) : error
      })
    return { outcome, at: new Date(at) }
  }
}
