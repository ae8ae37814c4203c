import { randomUUID } from 'node:crypto'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class CreditsRefill extends BaseCommand {
  static commandName = 'credits:refill'
  static description = 'Fill the test account of an organisation up with test credits again'
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'The organisation or its test account (tst_…)' })
  declare org?: string

  async run() {
    const { RefillTestAccount } = await import('#app/billing/actions/refill_test_account')
    const { testAccountQuery } = await import('#app/identity/queries/test_account_query')
    const account = this.org ? await testAccountQuery(this.org) : null
    if (!account) {
      this.logger.error(
        this.org
          ? `${this.org} has no test account. Make a test key: node ace key:create --test.`
          : 'Say whose: --org org_… or --org tst_….'
      )
      this.exitCode = 1
      return
    }
    const refill = await this.app.container.make(RefillTestAccount)
    const result = await refill.handle({
      accountId: account.id,
      actor: 'system:console',
      reference: randomUUID(),
    })
    const done = result.outcome === 'granted' ? `${result.amount} test credits added` : 'it is full'
    this.logger.success(`The test account of ${account.name} (${account.id}): ${done}.`)
  }
}
