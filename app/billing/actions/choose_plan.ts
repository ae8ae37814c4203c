import { inject } from '@adonisjs/core'
import { Credits } from '#core/ledger/credits'
import { Plans, type PlanChoice } from '#core/plans/plans'

interface ChosenPlan {
  outcome: 'changed' | 'unchanged' | 'exists'
  /** What came with it at once. */
  granted: Credits
}

/** Puts an organisation on a plan and grants what is due of it now. */
@inject()
export class ChoosePlan {
  constructor(private readonly plans: Plans) {}

  async handle(choice: PlanChoice): Promise<ChosenPlan> {
    const outcome = await this.plans.choose(choice)
    if (outcome === 'unchanged') return { outcome, granted: Credits.zero }
    const { parts } = await this.plans.reset(choice.accountId)
    const granted = parts
      .filter((part) => part.outcome === 'granted')
      .reduce((sum, { amount }) => sum.plus(amount), Credits.zero)
    return { outcome, granted }
  }
}
