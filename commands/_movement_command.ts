import { randomUUID } from 'node:crypto'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import type { Credits } from '#core/ledger/credits'
import type Organisation from '#app/identity/models/organisation'

/** What of a command is not right, in the words for whoever typed it. */
export class CommandProblem extends Error {}

/** What every movement of credits by hand has in common: whose, why, and a question before it. */
export abstract class MovementCommand extends BaseCommand {
  static options: CommandOptions = { startApp: true }

  declare amount: string

  @flags.string({ description: 'Organisation id (required)' })
  declare org?: string

  @flags.string({ description: 'Why; the ledger keeps it (required)' })
  declare reason?: string

  @flags.string({ description: 'Your own name of this movement: a repeat moves nothing more' })
  declare reference?: string

  @flags.boolean({ description: 'Do not ask' })
  declare yes?: boolean

  /** The question before it, as `Grant 5 credits to Acme?` */
  protected abstract question(organisation: Organisation): string
  /** Moves the credits. Answers what was done. */
  protected abstract move(movement: Movement): Promise<string>

  async run() {
    try {
      const { organisation, movement } = await this.#read()
      if (await this.#isMeant(this.question(organisation))) {
        this.logger.success(await this.move(movement))
      }
    } catch (error) {
      if (!(error instanceof CommandProblem) && !/^E_/.test(error.code ?? '')) throw error
      this.logger.error(error.message)
      this.exitCode = 1
    }
  }

  async #read() {
    const { Credits } = await import('#core/ledger/credits')
    const { organisationQuery } = await import('#app/identity/queries/organisation_query')
    const reason = this.reason?.trim()
    if (!reason) throw new CommandProblem('Say why: --reason="…". The ledger keeps it.')
    if (!this.org) throw new CommandProblem('Say whose credits: --org=org_…. See /admin.')
    const organisation = await organisationQuery(this.org)
    if (!organisation) throw new CommandProblem(`There is no organisation ${this.org}. See /admin.`)
    const movement: Movement = {
      accountId: organisation.id,
      amount: Credits.parse(String(this.amount)),
      reason,
      reference: this.reference ?? randomUUID(),
      actor: 'system:console',
    }
    return { organisation, movement }
  }

  async #isMeant(question: string): Promise<boolean> {
    if (this.yes) return true
    if (!process.stdin.isTTY) {
      throw new CommandProblem('Nobody is here to confirm it. Add --yes if it is meant.')
    }
    return this.prompt.confirm(question)
  }
}

export interface Movement {
  accountId: string
  amount: Credits
  reason: string
  reference: string
  actor: 'system:console'
}
