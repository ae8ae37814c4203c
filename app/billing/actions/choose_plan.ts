import { inject } from '@adonisjs/core'
import { Plans, type PlanChoice, type ResetPart } from '#core/plans/plans'

interface ChosenPlan {
  outcome: 'changed' | 'unchanged' | 'exists'
  /** What came with it at once. */
  granted: ResetPart[]
}

/** Puts an organisation on a plan and grants what is due of it now. */
@inject()
export class ChoosePlan {
  constructor(private readonly plans: Plans) {}

  async handle(choice: PlanChoice): Promise<ChosenPlan> {
    const outcome = await this.plans.choose(choice)
    if (outcome === 'unchanged') return { outcome, granted: [] }
    const { parts } = await this.plans.reset(choice.accountId)
    return { outcome, granted: parts.filter((part) => part.outcome === 'granted') }
  }
}
