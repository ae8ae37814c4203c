import { args } from '@adonisjs/core/ace'
import { CommandProblem, MovementCommand, type Movement } from './_movement_command.js'

export default class CreditsRefund extends MovementCommand {
  static commandName = 'credits:refund'
  static description = 'Give back some of what a generation or own work cost'
  static help = [
    'Example',
    '  {{ binaryName }} credits:refund gen_… 2.5 --org=org_… --reason="It was upside down"',
    '',
    'The credits go back to the grants they came from, at most what was charged.',
  ]

  @args.string({ description: 'The generation (gen_…) or hold (hld_…)' })
  declare of: string

  @args.string({ description: 'Credits, a decimal such as 2.5' })
  declare amount: string

  protected question({ name }: { name: string }) {
    return `Refund ${this.amount} credits of ${this.of} to ${name}?`
  }

  protected async move(movement: Movement) {
    const { RefundCredits } = await import('#app/billing/actions/refund_credits')
    const { movementRefusalText, refundText } = await import('#app/billing/words')
    const refund = await this.app.container.make(RefundCredits)
    // A generation and its hold share what follows the prefix.
    const result = await refund.handle({ ...movement, holdId: this.of.replace(/^gen_/, 'job_') })
    if (result.outcome === 'refused') throw new CommandProblem(movementRefusalText(result.refusal))
    return refundText(movement.amount, result)
  }
}
