import { inject } from '@adonisjs/core'
import type { Actor } from '#core/ledger/types'
import { PluginRegistry } from '#core/plugins/registry'
import {
  budgetProblem,
  Budgets,
  type Budget,
  type BudgetKey,
  type RemovedBudget,
} from '#core/quota/budgets'

export type SetBudgetOutcome =
  { ok: true } | { ok: false; problem: { field: keyof Budget; message: string } }

/** What all organisations together may use: of everything, a provider, a model. */
@inject()
export class ChangeBudgets {
  constructor(
    private readonly budgets: Budgets,
    private readonly registry: PluginRegistry
  ) {}

  async set(budget: Budget, actor: Actor): Promise<SetBudgetOutcome> {
    const problem = budgetProblem(budget) ?? this.#unknown(budget)
    if (problem) return { ok: false, problem }
    await this.budgets.set(budget, actor)
    return { ok: true }
  }

  remove(key: BudgetKey, actor: Actor): Promise<RemovedBudget> {
    return this.budgets.remove(key, actor)
  }

  /** A budget of something that nobody has would bind nothing, and nobody would notice. */
  #unknown({ id }: Budget): { field: 'id'; message: string } | null {
    const { plugins } = this.registry
    const [, scope, name] = /^(\w+):(.*)$/.exec(id) ?? []
    if (scope === 'provider' && !plugins.some((plugin) => plugin.id === name)) {
      const known = plugins.map((plugin) => plugin.id).join(', ')
      return { field: 'id', message: `There is no provider "${name}". Known: ${known}.` }
    }
    const models = plugins.flatMap((plugin) => plugin.models)
    if (scope === 'model' && !models.some((model) => model.name === name)) {
      const near = this.registry.nearest(name).join(', ')
      return { field: 'id', message: `There is no model "${name}". Did you mean ${near}?` }
    }
    return null
  }
}
