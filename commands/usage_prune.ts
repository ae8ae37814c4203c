import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

export default class UsagePrune extends BaseCommand {
  static commandName = 'usage:prune'
  static description = 'Drop the single usage events of old months; every total stays'
  static help = [
    'Totals per account, quarter of an hour, provider, model, kind, status, member, key and end user',
    'are sealed in the transaction that drops a month, and reports go on telling them. What is gone is',
    'each attempt: its duration, units and vendor request id. A month with an open job is kept.',
    'Idempotency keys older than 30 days are forgotten as well.',
    '',
    '```',
    '{{ binaryName }} usage:prune --keep 12 --dry-run',
    '{{ binaryName }} usage:prune --keep 12 --archive /backup/usage --yes',
    '```',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.number({ description: 'Whole months to keep before this one', default: 12 })
  declare keep: number

  @flags.boolean({ description: 'Show what it would drop, and drop nothing' })
  declare dryRun: boolean

  @flags.string({ description: 'Directory to write each month to first, as gzipped CSV' })
  declare archive?: string

  @flags.boolean({ description: 'Do not ask' })
  declare yes: boolean

  async run() {
    const { PruneUsage } = await import('#app/billing/actions/prune_usage')
    const { KeepHouse } = await import('#app/billing/actions/keep_house')
    if (!Number.isInteger(this.keep) || this.keep < 1 || this.keep > 1200) {
      return this.#refuse('--keep must be a whole number of months, from 1 on.')
    }
    const prune = await this.app.container.make(PruneUsage)
    if (!this.dryRun) {
      const keepHouse = await this.app.container.make(KeepHouse)
      const { forgottenKeys } = await keepHouse.handle()
      if (forgottenKeys > 0) this.logger.info(`${forgottenKeys} idempotency keys forgotten`)
    }
    const months = await prune.plan(this.keep)
    if (months.length === 0) return this.logger.success('No month is old enough to be dropped.')

    const table = this.ui.table().head(['Month', 'Events', 'Frees', 'What'])
    for (const { month, events, bytes, blocked } of months) {
      const size = `${(Number(bytes) / 1_000_000).toFixed(1)} MB`
      table.row([month, events.toString(), size, blocked ? `kept: ${blocked}` : 'to be dropped'])
    }
    table.render()
    if (this.dryRun) return
    if (!this.yes) {
      if (!process.stdin.isTTY)
        return this.#refuse('Nobody is here to ask. Add --yes to drop them.')
      const where = this.archive
        ? `, after writing them to ${this.archive}`
        : ', without an archive'
      if (!(await this.prompt.confirm(`Drop these months${where}?`))) return
    }
    const done = await prune.handle({
      months,
      archive: this.archive,
      onMonth: ({ month, events, archive, kept }) =>
        kept
          ? this.logger.warning(`${month} is kept: ${kept}`)
          : this.logger.success(`${month}: ${events} events${archive ? `, in ${archive}` : ''}`),
    })
    if (done.some(({ kept }) => kept)) this.exitCode = 1
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}
