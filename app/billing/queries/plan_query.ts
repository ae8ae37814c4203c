import { inject } from '@adonisjs/core'
import { Plans } from '#core/plans/plans'

const CHANGES = 5

/** The plan of an account, its last changes, and what there is to choose from. */
@inject()
export class PlanQuery {
  constructor(private readonly plans: Plans) {}

  async handle(accountId: string) {
    const [state, changes] = await Promise.all([
      this.plans.state(accountId),
      this.plans.changes(accountId, CHANGES),
    ])
    return { state, changes, plans: this.plans.all }
  }
}
