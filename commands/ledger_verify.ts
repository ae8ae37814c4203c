import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class LedgerVerify extends BaseCommand {
  static commandName = 'ledger:verify'
  static description = 'Check every invariant of the ledger and the chain of its entries'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'Only this organisation' })
  declare org?: string

  async run() {
    const { Ledger } = await import('#core/ledger/ledger')
    const ledger = await this.app.container.make(Ledger)
    const violations = await ledger.verify(this.org)
    for (const { accountId, invariant, detail } of violations) {
      this.logger.error(`${accountId}: ${invariant} (${detail})`)
    }
    this.logger.log(`${violations.length} violations`)
    if (violations.length > 0) this.exitCode = 1
  }
}
