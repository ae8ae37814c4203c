import { args, flags } from '@adonisjs/core/ace'
import { CommandProblem, MovementCommand, type Movement } from './_movement_command.js'

export default class CreditsGrant extends MovementCommand {
  static commandName = 'credits:grant'
  static description = 'Add credits to an organisation, as a grant'
  static help = [
    'Examples',
    '  {{ binaryName }} credits:grant 250 --org=org_… --reason="Invoice 2026-114"',
    '  {{ binaryName }} credits:grant 20 --org=org_… --reason="Spring" --kind=promo --priority=10',
    '      --expires=2030-01-31T00:00:00Z --only=sandbox/image --only=video',
  ]

  @args.string({ description: 'Credits, a decimal such as 250 or 12.5' })
  declare amount: string

  @flags.string({ description: 'admin (default), promo, topup or cycle' })
  declare kind?: string

  @flags.string({ description: '0 is drawn first, 100 last (default: 50)' })
  declare priority?: string

  @flags.string({ description: 'When it expires, as 2030-01-31T00:00:00Z (default: never)' })
  declare expires?: string

  @flags.array({ description: 'A model (sandbox/image) or kind (video) it may pay for; repeat it' })
  declare only?: string[]

  protected question({ name }: { name: string }) {
    return `Grant ${this.amount} credits to ${name}?`
  }

  protected async move(movement: Movement) {
    const { GrantCredits } = await import('#app/billing/actions/grant_credits')
    const grant = await this.app.container.make(GrantCredits)
    const result = await grant.handle({
      ...movement,
      kind: this.kind,
      priority: this.priority === undefined ? undefined : priorityOf(this.priority),
      expiresAt: this.expires === undefined ? undefined : instantOf(this.expires),
      only: this.only,
    })
    if (result.outcome === 'invalid') throw new CommandProblem(result.message)
    const { grantId, balance } = result
    return result.outcome === 'granted'
      ? `${grantId}: ${movement.amount} credits granted. ${balance.available} are available now.`
      : `This reference was granted before, as ${grantId}. Nothing was added.`
  }
}

function instantOf(text: string): Date {
  const instant = new Date(text)
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(instant.getTime())) return instant
  throw new CommandProblem(`"${text}" is no instant. Write one such as 2030-01-31T00:00:00Z.`)
}

function priorityOf(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  throw new CommandProblem(`"${text}" is no priority. Use a whole number from 0 to 100.`)
}
