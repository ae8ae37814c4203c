import type { Credits } from '../ledger/credits.js'
import type { GrantKind } from '../ledger/types.js'

/** What an organisation gets each period. Declared in `config/plans.ts`. */
export interface Plan {
  /** Lower-case letters, digits and dashes. Never changed: accounts are on it by this. */
  id: string
  name: string
  /** Of each period. Above zero. */
  credits: Credits
  period: 'day' | 'week' | 'month'
  /**
   * What is left when a period ends: it expires (`none`), lives on up to a limit (credits), or
   * lives on whole (`all`). A change of plan leaves what was granted before as it is.
   */
  rollover: 'none' | 'all' | Credits
  /** Free of charge: its periods count from the day the account was opened, for its whole life. */
  free: boolean
  kind: GrantKind
  /** 0–100, drawn from low to high. */
  priority: number
}

/** A plan that contradicts itself. It stops the boot, not the first reset. */
export class PlanFault extends Error {
  readonly code = 'E_PLAN_INVALID'

  constructor(plan: string, message: string) {
    super(`The plan "${plan}" of config/plans.ts cannot be used: ${message}`)
    this.name = 'PlanFault'
  }
}

/** The plans by id, each checked. */
export function readPlans(plans: Plan[]): Map<string, Plan> {
  const byId = new Map<string, Plan>()
  for (const plan of plans) {
    const { id, credits, rollover, priority } = plan
    if (!/^[a-z][a-z0-9-]*$/.test(id)) {
      throw new PlanFault(id, 'its id must be lower-case letters, digits and dashes.')
    }
    if (byId.has(id)) throw new PlanFault(id, 'it is declared twice. Rename one.')
    if (credits.micro <= 0n) throw new PlanFault(id, 'its credits must be above zero.')
    if (typeof rollover === 'object' && rollover.micro <= 0n) {
      throw new PlanFault(id, 'a limit of what is carried over must be above zero. Write "none".')
    }
    if (!Number.isInteger(priority) || priority < 0 || priority > 100) {
      throw new PlanFault(id, 'its priority must be a whole number from 0 to 100.')
    }
    byId.set(id, plan)
  }
  return byId
}
