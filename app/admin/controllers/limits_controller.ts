import { inject } from '@adonisjs/core'
import type { HttpContext } from '@adonisjs/core/http'
import { BEYOND, MEASURES, SCOPES, WINDOWS, type OwnRule } from '#core/quota/limit_rule'
import { NotFound } from '#app/admin/errors'
import { BEYOND_TEXTS, limitText, ruleRow, scopeText } from '#app/admin/format/limits'
import { organisationQuery } from '#app/admin/queries/organisations_query'
import { readLimitForm } from '#app/admin/validators/limit_request'
import { ChangeLimits } from '#app/billing/actions/change_limits'
import { RulesQuery } from '#app/billing/queries/rules_query'

/** Those that an organisation can have a rule of its own for. */
const OWN_SCOPES = SCOPES.filter((scope) => scope !== 'platform' && scope !== 'batch')

@inject()
export default class LimitsController {
  constructor(
    private readonly change: ChangeLimits,
    private readonly rules: RulesQuery
  ) {}

  async index({ params, view }: HttpContext) {
    return view.render('pages/admin/limits', await this.#page(params.id))
  }

  async store({ params, request, response, session, view, auth }: HttpContext) {
    const page = await this.#page(params.id)
    const read = readLimitForm(request.body())
    const set: { ok: true } | { ok: false; problem: { field: string; message: string } } = read.ok
      ? await this.change.set(params.id, read.rule, `user:${auth.use('web').user!.id}`)
      : read
    if (!set.ok) {
      const errors = { [set.problem.field]: set.problem.message }
      const again = { ...page, form: request.body(), errors }
      return response.status(422).send(await view.render('pages/admin/limits', again))
    }
    const { rule } = read as { rule: OwnRule }
    session.flash('notice', `From the next call on: ${limitText(rule)}.`)
    return response.redirect(`/admin/organisations/${params.id}/limits`)
  }

  async destroy({ params, request, response, session }: HttpContext) {
    const { scope, scopeId, measure, window } = request.only([
      'scope',
      'scopeId',
      'measure',
      'window',
    ])
    const was = await this.change.remove(params.id, { scope, scopeId, measure, window })
    session.flash('notice', was ? 'The limit is gone.' : 'That limit was gone already.')
    return response.redirect(`/admin/organisations/${params.id}/limits`)
  }

  async #page(id: string) {
    const organisation = await organisationQuery(id)
    if (!organisation) throw new NotFound('organisation of this id')
    const { own, defaults } = await this.rules.handle(id)
    const replaced = new Set(own.filter((rule) => rule.scopeId === '*').map(nameOf))
    return {
      organisation,
      own: own.map(ruleRow),
      defaults: defaults
        .filter((rule) => !replaced.has(nameOf(rule)))
        .map((rule) => ruleRow({ ...rule, scopeId: '*' })),
      choices: {
        scopes: OWN_SCOPES.map((one) => ({ value: one, text: scopeText(one) })),
        measures: MEASURES,
        windows: WINDOWS,
        beyond: BEYOND.map((one) => ({ value: one, text: BEYOND_TEXTS[one] })),
      },
      form: { scope: 'org', measure: 'requests', window: 'minute', onExceed: 'refuse' },
      errors: {},
    }
  }
}

function nameOf({ scope, measure, window }: Pick<OwnRule, 'scope' | 'measure' | 'window'>): string {
  return `${scope} ${measure} ${window}`
}
