import { inject } from '@adonisjs/core'
import { Plans, type ResetResult } from '#core/plans/plans'

const PAGE = 200

interface ResetRequest {
  /** Only this account. */
  accountId?: string
  /** As of then: the past for a run, the future only for a look. */
  at?: Date
  /** Only tells what it would do. */
  dry?: boolean
  /** Told after each account that had something due, or could not be reset. */
  onResult?: (result: ResetResult) => void
  /** Told when one account breaks. It must not keep the others from their credits. */
  onFault?: (accountId: string, error: unknown) => void
}

export interface ResetTotals {
  accounts: number
  granted: number
  faults: number
}

/** Grants the credits of every plan whose period has begun. Running it again grants nothing more. */
@inject()
export class ResetCredits {
  constructor(private readonly plans: Plans) {}

  async handle({ accountId, at, dry, onResult, onFault }: ResetRequest = {}): Promise<ResetTotals> {
    const totals: ResetTotals = { accounts: 0, granted: 0, faults: 0 }
    for await (const id of accountId ? [accountId] : this.#due(at)) {
      try {
        const result = await this.plans.reset(id, { at, dry })
        totals.accounts += 1
        totals.granted += result.parts.filter(({ outcome }) => outcome === 'granted').length
        onResult?.(result)
      } catch (error) {
        totals.faults += 1
        onFault?.(id, error)
      }
    }
    return totals
  }

  async *#due(at?: Date) {
    let after = ''
    while (true) {
      const page = await this.plans.due({ limit: PAGE, after, at })
      yield* page
      if (page.length < PAGE) return
      after = page.at(-1)!
    }
  }
}
