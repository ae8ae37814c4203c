import { args, BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import type { DeadLetter } from '#app/jobs/queries/dead_letters_query'

const PAGE = 100

export default class QueueRedrive extends BaseCommand {
  static commandName = 'queue:redrive'
  static description = 'Have jobs done again that failed for good'
  static help = [
    'Without a job and without --all it lists the dead letters and does nothing.',
    'A job without a price goes back into the queue with all its tries. A generation is started',
    'anew at today’s price, with a hold of its own: the first one was returned when it failed.',
    '',
    '```',
    '{{ binaryName }} queue:redrive',
    '{{ binaryName }} queue:redrive job_…',
    '{{ binaryName }} queue:redrive --all --kind webhook.deliver',
    '```',
  ]
  static options: CommandOptions = { startApp: true }

  @args.spread({ description: 'Ids of jobs', required: false })
  declare jobs?: string[]

  @flags.boolean({ description: 'All dead letters, of this kind and organisation where named' })
  declare all: boolean

  @flags.string({ description: 'Only jobs of this kind' })
  declare kind?: string

  @flags.string({ description: 'Only jobs of this organisation' })
  declare org?: string

  @flags.boolean({ description: 'Do not ask' })
  declare yes: boolean

  async run() {
    const { deadLetterQuery, deadLettersQuery } =
      await import('#app/jobs/queries/dead_letters_query')
    if (this.jobs?.length) {
      for (const id of this.jobs) {
        const letter = await deadLetterQuery(id)
        if (letter) await this.#redrive(letter)
        else this.#fail(`${id}: there is no such dead letter.`)
      }
      return
    }
    const filter = { kind: this.kind, accountId: this.org }
    let page = await deadLettersQuery(filter, { limit: PAGE })
    if (page.letters.length === 0) {
      this.logger.success('There is no dead letter.')
      return
    }
    if (!this.all) return this.#list(page.letters, page.next !== null)
    const question = `Have ${page.next ? 'all of them' : `all ${page.letters.length}`} done again? Generations are charged for.`
    if (!this.yes && !(await this.prompt.confirm(question))) return
    for (;;) {
      for (const letter of page.letters) await this.#redrive(letter)
      if (!page.next) return
      page = await deadLettersQuery(filter, { limit: PAGE, after: page.next })
    }
  }

  async #redrive(letter: Pick<DeadLetter, 'accountId' | 'id' | 'metered'>) {
    const { RedriveJob } = await import('#app/jobs/actions/redrive_job')
    const { redriveText } = await import('#app/jobs/redrive_words')
    const redrive = await this.app.container.make(RedriveJob)
    const result = await redrive.handle({
      accountId: letter.accountId,
      jobId: letter.id,
      metered: letter.metered,
      actor: 'system:ace',
    })
    const text = `${letter.id}: ${redriveText(result)}`
    if (result.outcome === 'queued' || result.outcome === 'started') this.logger.success(text)
    else this.#fail(text)
  }

  #list(letters: DeadLetter[], hasMore: boolean) {
    const table = this.ui.table()
    table.head(['Job', 'Organisation', 'Kind', 'Tries', 'Ended', 'Why'])
    for (const { id, accountId, kind, provider, attempt, finishedAt, error } of letters) {
      const what = provider ? `${kind} (${provider})` : kind
      const why = `${error?.class ?? '–'}: ${error?.message ?? ''}`
      table.row([id, accountId, what, String(attempt), finishedAt.toISOString(), why])
    }
    table.render()
    if (hasMore) this.logger.info(`These are the newest ${letters.length}.`)
    this.logger.info('Name jobs to have them done again, or say --all.')
  }

  #fail(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}
