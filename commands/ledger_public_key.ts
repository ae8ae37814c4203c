import { BaseCommand } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class LedgerPublicKey extends BaseCommand {
  static commandName = 'ledger:public-key'
  static description = 'Print the public key that checks the signed roots of the ledger'
  static options: CommandOptions = { startApp: true }

  async run() {
    const { RootKey } = await import('#core/ledger/evidence/signed_root')
    const key = await this.app.container.make(RootKey)
    this.logger.log(key.publicPem.trimEnd())
    // On the other channel, so that the key alone lands in a file.
    this.logger.logError(`key ${key.id}`)
  }
}
