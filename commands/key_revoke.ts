import { args, BaseCommand } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import { Bus } from '#adapters/bus/bus'
import { Cuts } from '#core/streams/cuts'

export default class KeyRevoke extends BaseCommand {
  static commandName = 'key:revoke'
  static description = 'End an API key at once and for good'
  static options: CommandOptions = { startApp: true }

  @args.string({ description: 'The id (key_…) or the visible beginning (dg_live_…) of the key' })
  declare key: string

  async run() {
    // Whoever serves hears of it at once.
    const { openStreams } = await import('#app/identity/open_streams')
    openStreams.connect(await this.app.container.make(Cuts))
    const bus = await this.app.container.make(Bus)
    await bus.connect()
    const { revokeApiKey } = await import('#app/identity/actions/revoke_api_key')
    const key = await revokeApiKey(this.key)
    if (!key) {
      this.logger.error(`There is no key "${this.key}". See /admin/keys.`)
      this.exitCode = 1
      return
    }
    this.logger.success(`${key.id} (${key.prefix}…) is revoked.`)
  }
}
