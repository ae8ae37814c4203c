import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { COUNTED } from '#core/quota/budgets'
import { amountText, WINDOWS } from '#core/quota/limit_rule'
import { actorNamesQuery } from '#app/admin/queries/actor_names_query'
import { budgetRow, budgetText, whomText } from '#app/admin/format/budgets'
import { BEYOND_TEXTS } from '#app/admin/format/limits'
import { readBudgetForm, readBudgetKey } from '#app/admin/validators/budget_request'
import { ChangeBudgets } from '#app/billing/actions/change_budgets'
import { BudgetsQuery } from '#app/billing/queries/budgets_query'

const BEYOND = ['refuse', 'observe'] as const

@inject()
export default class BudgetsController {
  constructor(
    private readonly change: ChangeBudgets,
    private readonly budgets: BudgetsQuery
  ) {}

  /** With `id`, `measure` and `window`, the form changes that one. */
  async index({ request, view }: HttpContext) {
    return view.render('pages/admin/budgets', await this.#page(request.qs()))
  }

  async store({ request, response, session, view, auth }: HttpContext) {
    const read = readBudgetForm(request.body())
    const set: { ok: true } | { ok: false; problem: { field: string; message: string } } = read.ok
      ? await this.change.set(read.budget, `user:${auth.use('web').user!.id}`)
      : read
    if (!set.ok) {
      const errors = { [set.problem.field]: set.problem.message }
      const page = { ...(await this.#page({})), form: request.body(), errors }
      return response.status(422).send(await view.render('pages/admin/budgets', page))
    }
    if (read.ok) session.flash('notice', `From the next call on: ${budgetText(read.budget)}.`)
    return response.redirect('/admin/budgets')
  }

  async destroy({ request, response, session, auth }: HttpContext) {
    const key = readBudgetKey(request.body())
    const outcome = await this.change.remove(key, `user:${auth.use('web').user!.id}`)
    session.flash(
      'notice',
      {
        removed: 'The budget is gone.',
        configured: 'The budget of the configuration holds again.',
        missing: 'That budget was gone already.',
      }[outcome]
    )
    return response.redirect('/admin/budgets')
  }

  async #page(wanted: Record<string, unknown>) {
    const states = await this.budgets.handle()
    const names = await actorNamesQuery(states.flatMap(({ changedBy }) => changedBy ?? []))
    const key = readBudgetKey(wanted)
    const chosen = states.find(
      ({ id, measure, window }) => id === key.id && measure === key.measure && window === key.window
    )
    // One whose plugin is gone can still be changed.
    const ids = [...new Set([...this.budgets.ids(), ...states.map(({ id }) => id)])]
    return {
      budgets: states.map((state) => budgetRow(state, names)),
      choices: {
        ids: ids.map((id) => ({ value: id, text: whomText(id) })),
        measures: COUNTED,
        windows: WINDOWS,
        beyond: BEYOND.map((one) => ({ value: one, text: BEYOND_TEXTS[one] })),
      },
      chosen: chosen ? budgetText(chosen) : null,
      form: chosen
        ? { ...chosen, limit: amountText(chosen.measure, chosen.limit) }
        : { id: 'all', measure: 'credits', window: 'month', onExceed: 'refuse' },
      errors: {},
    }
  }
}
