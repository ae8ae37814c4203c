import { inject } from '@adonisjs/core'
import { PluginRegistry } from '#core/plugins/registry'
import { Budgets, type BudgetId, type BudgetState } from '#core/quota/budgets'

/** The budgets over all organisations with their figures, and what there can be one of. */
@inject()
export class BudgetsQuery {
  constructor(
    private readonly budgets: Budgets,
    private readonly registry: PluginRegistry
  ) {}

  handle(): Promise<BudgetState[]> {
    return this.budgets.list()
  }

  ids(): BudgetId[] {
    const { plugins } = this.registry
    return [
      'all',
      ...plugins.map(({ id }): BudgetId => `provider:${id}`),
      ...plugins.flatMap(({ models }) => models.map(({ name }): BudgetId => `model:${name}`)),
    ]
  }
}
