import { args } from '@adonisjs/core/ace'
import { CommandProblem, MovementCommand, type Movement } from './_movement_command.js'

export default class CreditsCorrect extends MovementCommand {
  static commandName = 'credits:correct'
  static description = 'Set the balance of an organisation right, up or down'
  static help = [
    'Examples',
    '  {{ binaryName }} credits:correct 5 --org=org_… --reason="Charged twice on 3 May"',
    '  {{ binaryName }} credits:correct -5 --org=org_… --reason="Granted twice on 3 May"',
    '',
    'What is taken comes out of the grants in draw order, at most what is available.',
  ]

  @args.string({ description: 'Credits with their sign: 5 adds, -5 takes' })
  declare amount: string

  protected question({ name }: { name: string }) {
    return `Correct the balance of ${name} by ${this.amount} credits?`
  }

  protected async move(movement: Movement) {
    const { CorrectCredits } = await import('#app/billing/actions/correct_credits')
    const { BalanceQuery } = await import('#app/billing/queries/balance_query')
    const { movementRefusalText } = await import('#app/billing/words')
    const correct = await this.app.container.make(CorrectCredits)
    const result = await correct.handle(movement)
    if (result.outcome === 'refused') throw new CommandProblem(movementRefusalText(result.refusal))
    const balance = await this.app.container.make(BalanceQuery)
    const { available } = await balance.handle(movement.accountId)
    return result.outcome === 'corrected'
      ? `Corrected by ${movement.amount} credits. ${available} are available now.`
      : 'This reference was booked before. Nothing was changed.'
  }
}
