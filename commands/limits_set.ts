import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class LimitsSet extends BaseCommand {
  static commandName = 'limits:set'
  static description = 'Set, remove or list the limits of an organisation, or the budgets over all'
  static help = [
    'Without flags but --org, lists what holds:',
    '  {{ binaryName }} limits:set --org=org_…',
    'Sixty requests a minute for one key:',
    '  {{ binaryName }} limits:set --org=org_… --scope=key --id=key_… --measure=requests --window=minute --limit=60',
    'Two jobs at once, further ones wait:',
    '  {{ binaryName }} limits:set --org=org_… --scope=org --measure=concurrency --window=total --limit=2 --beyond=queue',
    'Away with it:',
    '  {{ binaryName }} limits:set --org=org_… --scope=key --id=key_… --measure=requests --window=minute --remove',
    'What all organisations together may use of a provider, of a model (--id=model:acme/painter) or of everything (--id=all):',
    '  {{ binaryName }} limits:set --scope=platform --id=provider:acme --measure=credits --window=month --limit=5000',
    'Lists those budgets, with what is leased, used and left:',
    '  {{ binaryName }} limits:set --scope=platform',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'Organisation id; the first one when left out' })
  declare org?: string

  @flags.string({
    description: 'org, user, key, end_user, provider or model; platform for all organisations',
  })
  declare scope?: string

  @flags.string({
    description:
      'Only this one of the scope (default: all of them); of the platform all, provider:… or model:…',
  })
  declare id?: string

  @flags.string({ description: 'requests, credits, tokens, images, seconds or concurrency' })
  declare measure?: string

  @flags.string({ description: 'minute, hour, day, month or total' })
  declare window?: string

  @flags.string({ description: 'At most so many; credits as a decimal' })
  declare limit?: string

  @flags.string({ description: 'Beyond it: refuse (default), queue or observe' })
  declare beyond?: string

  @flags.boolean({ description: 'Remove the limit instead' })
  declare remove?: boolean

  async run() {
    if (this.scope === 'platform') return this.#ofPlatform()
    const { ChangeLimits } = await import('#app/billing/actions/change_limits')
    const { organisationQuery } = await import('#app/identity/queries/organisation_query')
    const { readLimitForm } = await import('#app/admin/validators/limit_request')

    const organisation = await organisationQuery(this.org)
    if (!organisation) {
      return this.#refuse(
        `There is no organisation ${this.org ?? 'yet'}. See /admin/organisations.`
      )
    }
    if (!this.scope && !this.limit && !this.remove) return this.#list(organisation.id)
    const change = await this.app.container.make(ChangeLimits)
    const form = {
      scope: this.scope,
      scopeId: this.id,
      measure: this.measure,
      window: this.window,
      limit: this.remove ? '0' : this.limit,
      onExceed: this.beyond,
    }
    const read = readLimitForm(form)
    if (!read.ok) return this.#refuse(`${read.problem.field}: ${read.problem.message}`)
    if (this.remove) {
      if (await change.remove(organisation.id, read.rule)) return this.logger.success('Removed.')
      return this.#refuse('There is no such limit. List them without further flags.')
    }
    const set = await change.set(organisation.id, read.rule, 'system:console')
    if (!set.ok) return this.#refuse(`${set.problem.field}: ${set.problem.message}`)
    this.logger.success('It holds from the next call on.')
  }

  async #ofPlatform() {
    const { ChangeBudgets } = await import('#app/billing/actions/change_budgets')
    const { readBudgetForm } = await import('#app/admin/validators/budget_request')
    if (this.org)
      return this.#refuse('A budget of the platform is of no organisation: leave --org out.')
    if (!this.measure && !this.limit && !this.remove) return this.#listBudgets()
    const change = await this.app.container.make(ChangeBudgets)
    const { id, measure, window, beyond: onExceed } = this
    const limit = this.remove ? '0' : this.limit
    const read = readBudgetForm({ id, measure, window, limit, onExceed })
    if (!read.ok) return this.#refuse(`${read.problem.field}: ${read.problem.message}`)
    if (this.remove) {
      const removed = await change.remove(read.budget, 'system:console')
      if (removed === 'removed') return this.logger.success('Removed.')
      if (removed === 'configured') {
        return this.logger.success('Removed. That of config/quota.ts holds again.')
      }
      return this.#refuse(
        'There is no such budget to remove. List them with --scope=platform alone; those of the configuration stand in config/quota.ts.'
      )
    }
    const set = await change.set(read.budget, 'system:console')
    if (!set.ok) return this.#refuse(`${set.problem.field}: ${set.problem.message}`)
    this.logger.success('It holds from the next call on.')
  }

  async #listBudgets() {
    const { BudgetsQuery } = await import('#app/billing/queries/budgets_query')
    const { budgetRow } = await import('#app/admin/format/budgets')
    const { instantText } = await import('#app/admin/format/times')
    const budgets = await this.app.container.make(BudgetsQuery)
    const states = await budgets.handle()
    if (states.length === 0) {
      return this.logger.info('There is no budget over all organisations.')
    }
    const heads = [
      'For',
      'Budget',
      'Used',
      'Held',
      'Leased',
      'Left',
      'Clears',
      'Beyond it',
      'Set by',
    ]
    const table = this.ui.table().head(heads)
    for (const state of states) {
      const { whom, rule, used, held, leased, left, setBy } = budgetRow(state)
      const clears = state.windowEnd ? instantText(state.windowEnd) : '–'
      table.row([whom, rule, used, held, leased, left, clears, state.onExceed, setBy ?? '–'])
    }
    table.render()
  }

  async #list(accountId: string) {
    const { RulesQuery } = await import('#app/billing/queries/rules_query')
    const { ruleRow } = await import('#app/admin/format/limits')
    const rules = await this.app.container.make(RulesQuery)
    const { own, defaults } = await rules.handle(accountId)
    const table = this.ui.table().head(['Whose', 'Limit', 'For', 'Beyond it'])
    for (const rule of own) {
      const { rule: text, whom, onExceed } = ruleRow(rule)
      table.row(['its own', text, whom, onExceed])
    }
    for (const rule of defaults) {
      const { rule: text, whom, onExceed } = ruleRow({ ...rule, scopeId: '*' })
      table.row(['default', text, whom, onExceed])
    }
    table.render()
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}
