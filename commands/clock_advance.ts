import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class ClockAdvance extends BaseCommand {
  static commandName = 'clock:advance'
  static description = 'Move the clock of a test account ahead: its windows, expiries and resets'
  static help = [
    'Stops at every reset on the way, so that months pass as they would. Live accounts have no clock',
    'to move: named by its organisation, the test account beside it is meant.',
    '',
    '```',
    '{{ binaryName }} clock:advance 1mo --org org_…',
    '{{ binaryName }} clock:advance --to 2030-02-01T00:00:00Z --org tst_…',
    '```',
  ]
  static options: CommandOptions = { startApp: true }

  @args.string({ description: '36h, 30d, 2w, 1mo or 1y', required: false })
  declare duration?: string

  @flags.string({ description: 'The organisation or its test account (tst_…)' })
  declare org?: string

  @flags.string({ description: 'An instant such as 2030-01-31T08:00:00Z' })
  declare to?: string

  async run() {
    const { AdvanceClock } = await import('#app/billing/actions/advance_clock')
    const { AccountClock } = await import('#core/ledger/account_clock')
    const { readInstant, spanAfter } = await import('#app/billing/validators/spans')
    const { organisationQuery } = await import('#app/identity/queries/organisation_query')
    const { testAccountQuery } = await import('#app/identity/queries/test_account_query')

    if (!this.org) return this.#refuse('Say whose clock: --org org_… or --org tst_….')
    if ((this.duration === undefined) === (this.to === undefined)) {
      return this.#refuse('Give either a duration such as 30d, or --to with an instant.')
    }
    const account = await testAccountQuery(this.org)
    if (!account) {
      const known = await organisationQuery(this.org)
      return this.#refuse(
        known
          ? `${this.org} is live, and its clock is time itself. It has no test account yet: node ace key:create --test makes one.`
          : `There is no organisation ${this.org}. See /admin/organisations.`
      )
    }
    const clock = await this.app.container.make(AccountClock)
    const to = this.to
      ? readInstant(this.to)
      : spanAfter(await clock.now(account.id), this.duration!, account.timezone)
    if (!to) {
      return this.#refuse(
        this.to
          ? `"${this.to}" is no instant. Write one such as 2030-01-31T08:00:00Z.`
          : `"${this.duration}" is no duration. Write one such as 36h, 30d, 2w, 1mo or 1y.`
      )
    }

    const advance = await this.app.container.make(AdvanceClock)
    const { outcome, at, granted } = await advance.handle(account.id, to)
    if (outcome !== 'advanced') return this.#refuse(`${WHY[outcome]} It shows ${at.toISOString()}.`)
    this.logger.success(
      `The test account of ${account.name} (${account.id}) is at ${at.toISOString()}.`
    )
    for (const { ordinal, amount, startsAt, expiresAt } of granted) {
      const until = expiresAt ? `until ${expiresAt.toISOString()}` : 'for good'
      this.logger.log(
        `Period ${ordinal}, from ${startsAt.toISOString()}: ${amount} credits ${until}.`
      )
    }
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}

const WHY = {
  live: 'The clock of a live account is never moved.',
  past: 'A clock goes only ahead.',
  too_far: 'A clock goes at most ten years ahead of real time.',
}
