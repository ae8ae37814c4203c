import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class CreditsMerge extends BaseCommand {
  static commandName = 'credits:merge'
  static description = 'Close the account of an organisation and move its credits to another'
  static options: CommandOptions = { startApp: true }
  static help = [
    'What open jobs hold stays until they end: run it again then. Killed at any point, run it again.',
  ]

  @args.string({ description: 'The organisation that is closed' })
  declare from: string

  @args.string({ description: 'The organisation that gets its credits, or its debt' })
  declare into: string

  @flags.string({ description: 'Why; the ledger keeps it (required)' })
  declare reason?: string

  @flags.boolean({ description: 'Do not ask' })
  declare yes?: boolean

  async run() {
    if (!this.reason?.trim()) return this.#refuse('Say why: --reason="…". The ledger keeps it.')
    if (!this.yes && !process.stdin.isTTY) {
      return this.#refuse('Nobody is here to confirm it. Add --yes if it is meant.')
    }
    const question = `Close ${this.from} and move all its credits to ${this.into}?`
    if (!this.yes && !(await this.prompt.confirm(question))) return
    const { MergeAccounts } = await import('#app/billing/actions/merge_accounts')
    const { BalanceQuery } = await import('#app/billing/queries/balance_query')
    const merge = await this.app.container.make(MergeAccounts)
    try {
      const result = await merge.handle({
        from: this.from,
        into: this.into,
        reason: this.reason,
        actor: 'system:console',
      })
      if (result.outcome === 'account_closed') {
        return this.#refuse(`The account ${this.into} is closed and takes no credits.`)
      }
      const balance = await this.app.container.make(BalanceQuery)
      const { held } = await balance.handle(this.from)
      this.logger.success(
        result.arrived === 0 ? 'There was nothing to move.' : 'The credits have arrived.'
      )
      if (!held.isZero) {
        this.logger.warning(`${held} credits are held for open jobs. Run it again once they ended.`)
      }
    } catch (error) {
      if (!/^E_LEDGER/.test(error.code ?? '')) throw error
      this.#refuse(error.message)
    }
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}
