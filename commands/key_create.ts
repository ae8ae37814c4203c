import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class KeyCreate extends BaseCommand {
  static commandName = 'key:create'
  static description = 'Make an API key and show it once'
  static options: CommandOptions = { startApp: true }

  @args.string({ description: 'What the key is for' })
  declare name: string

  @flags.string({ description: 'Organisation id; the first one when left out' })
  declare org?: string

  @flags.array({ description: 'generate, read, admin (default: generate, read)' })
  declare scopes?: string[]

  @flags.boolean({ description: 'A test key: its own account, test credits, the sandbox models' })
  declare test: boolean

  async run() {
    const { SCOPES } = await import('#app/identity/caller')
    const { OpenTestAccount } = await import('#app/identity/actions/open_test_account')
    const { createApiKey } = await import('#app/identity/actions/create_api_key')
    const { organisationQuery } = await import('#app/identity/queries/organisation_query')

    const wrong = this.scopes?.find((scope) => !SCOPES.some((known) => known === scope))
    if (wrong) return this.#refuse(`"${wrong}" is no scope. Use: ${SCOPES.join(', ')}.`)
    const organisation = await organisationQuery(this.org)
    if (!organisation) {
      return this.#refuse(
        `There is no organisation ${this.org ?? 'yet'}. See /admin/organisations.`
      )
    }
    if (this.test && organisation.testOf) {
      return this.#refuse(`Name the organisation itself: ${organisation.testOf}.`)
    }
    const openTestAccount = await this.app.container.make(OpenTestAccount)
    const account = this.test ? await openTestAccount.handle(organisation) : organisation
    const { key, text } = await createApiKey({
      orgId: account.id,
      name: this.name,
      scopes: this.scopes as (typeof SCOPES)[number][] | undefined,
      createdBy: 'system:console',
    })
    this.logger.success(
      `${key.id} for ${organisation.name} (${key.scopes.join(', ')}), ${key.mode}`
    )
    this.logger.log(`${text}\nIt is shown this once.`)
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}
