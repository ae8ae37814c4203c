import { randomUUID } from 'node:crypto'
import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class PlanSet extends BaseCommand {
  static commandName = 'plan:set'
  static description = 'Put an organisation on a plan of config/plans.ts, or on none'
  static help = [
    'A plan goes on with the periods of the one before it, and gives its credits with the next of',
    'them; --restart begins a new row of periods now, with credits now. A free plan counts from the',
    'day the organisation was made.',
    '',
    '```',
    '{{ binaryName }} plan:set studio --org org_…',
    '{{ binaryName }} plan:set none --org org_…',
    '```',
  ]
  static options: CommandOptions = { startApp: true }

  @args.string({ description: 'The id of the plan, or "none"' })
  declare plan: string

  @flags.string({ description: 'Organisation or test account; the first one when left out' })
  declare org?: string

  @flags.string({ description: 'Why. Kept with the change' })
  declare reason?: string

  @flags.boolean({ description: 'Begin a new row of periods now, with credits now' })
  declare restart: boolean

  @flags.string({ description: 'Where the periods begin, such as 2030-01-31T08:00:00Z' })
  declare anchor?: string

  async run() {
    const { ChoosePlan } = await import('#app/billing/actions/choose_plan')
    const { readInstant } = await import('#app/billing/validators/spans')
    const { organisationQuery } = await import('#app/identity/queries/organisation_query')
    const { PlanQuery } = await import('#app/billing/queries/plan_query')

    const organisation = await organisationQuery(this.org)
    if (!organisation) {
      return this.#refuse(
        `There is no organisation ${this.org ?? 'yet'}. See /admin/organisations.`
      )
    }
    const anchor = this.anchor === undefined ? undefined : readInstant(this.anchor)
    if (anchor === null) {
      return this.#refuse(`"${this.anchor}" is no instant. Write one such as 2030-01-31T08:00:00Z.`)
    }
    if (anchor && this.restart) return this.#refuse('Use --restart or --anchor, not both.')

    const choosePlan = await this.app.container.make(ChoosePlan)
    try {
      const { outcome, granted } = await choosePlan.handle({
        accountId: organisation.id,
        plan: this.plan === 'none' ? null : this.plan,
        actor: 'system:console',
        reason: this.reason ?? 'Set on the command line',
        reference: randomUUID(),
        restart: this.restart,
        anchor,
      })
      const query = await this.app.container.make(PlanQuery)
      const { state } = await query.handle(organisation.id)
      const is = state
        ? `on ${state.planId}, next reset ${state.nextAt.toISOString()}`
        : 'on no plan'
      this.logger.success(
        `${organisation.name} is ${is}${outcome === 'unchanged' ? ', as before' : ''}.`
      )
      if (!granted.isZero) this.logger.log(`${granted} credits granted.`)
    } catch (error) {
      if ((error as { code?: string }).code !== 'E_PLAN_UNKNOWN') throw error
      this.#refuse((error as Error).message)
    }
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}
