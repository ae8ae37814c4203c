import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

/** How often a long run says how far it is. */
const PROGRESS = 100

export default class CreditsReset extends BaseCommand {
  static commandName = 'credits:reset'
  static description = 'Grant the credits of every plan whose period has begun'
  static help = [
    'Each period is granted once, however often this runs: a second run adds nothing.',
    'The server does the same every minute, so this is for a run by hand.',
    '',
    '```',
    '{{ binaryName }} credits:reset --dry-run',
    '{{ binaryName }} credits:reset --dry-run --at 2030-02-01',
    '{{ binaryName }} credits:reset --org org_…',
    '```',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'Only this organisation or test account' })
  declare org?: string

  @flags.boolean({ description: 'Show what it would do, and do nothing' })
  declare dryRun: boolean

  @flags.string({ description: 'As of this instant. One to come only with --dry-run' })
  declare at?: string

  async run() {
    const { ResetCredits } = await import('#app/billing/actions/reset_credits')
    const { readInstant } = await import('#app/billing/validators/spans')
    const { organisationQuery } = await import('#app/identity/queries/organisation_query')

    const at = this.at === undefined ? undefined : readInstant(this.at)
    if (at === null) {
      return this.#refuse(`"${this.at}" is no instant. Write one such as 2030-01-31T08:00:00Z.`)
    }
    if (at && at > new Date() && !this.dryRun) {
      return this.#refuse('Nothing is granted ahead of time. Add --dry-run to look ahead.')
    }
    if (this.org && !(await organisationQuery(this.org))) {
      return this.#refuse(`There is no organisation ${this.org}. See /admin/organisations.`)
    }

    const table = this.ui.table()
    table.head(['Organisation', 'Plan', 'Period', 'Begins', 'Credits', 'Expires', 'What'])
    let rows = 0
    let seen = 0
    const reset = await this.app.container.make(ResetCredits)
    const totals = await reset.handle({
      accountId: this.org,
      at,
      dry: this.dryRun,
      onResult: ({ accountId, planId, outcome, parts }) => {
        if (outcome !== 'reset') {
          rows += 1
          table.row([accountId, planId ?? '–', '–', '–', '–', '–', WHY[outcome]])
        }
        for (const part of parts) {
          rows += 1
          table.row([
            accountId,
            planId!,
            part.ordinal.toString(),
            part.startsAt.toISOString(),
            part.amount.toString(),
            part.expiresAt?.toISOString() ?? 'never',
            this.dryRun && part.outcome === 'granted' ? 'would be granted' : WORDS[part.outcome],
          ])
        }
        seen += 1
        if (seen % PROGRESS === 0) this.logger.info(`${seen} organisations so far`)
      },
      onFault: (accountId, error) =>
        this.logger.error(`${accountId}: ${error instanceof Error ? error.message : error}`),
    })
    if (rows > 0) table.render()
    const done = this.dryRun ? 'would be made' : 'made'
    this.logger.success(`${totals.accounts} organisations, ${totals.granted} grants ${done}.`)
    if (totals.faults > 0) this.#refuse(`${totals.faults} could not be reset. Run it again.`)
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}

const WORDS = {
  granted: 'granted',
  exists: 'granted before',
  over: 'over before it was granted',
}

const WHY = {
  reset: '',
  no_plan: 'is on no plan',
  closed: 'the account is closed',
  unknown_plan: 'config/plans.ts has no such plan',
}
