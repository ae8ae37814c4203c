import { setTimeout as wait } from 'node:timers/promises'
import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'

const SHOWN = 20
const WATCH_MS = 2_000
const WITHIN_MINUTES = 10

export default class QueueDebug extends BaseCommand {
  static commandName = 'queue:debug'
  static description = 'Show what the queue is doing, what failed, or the whole story of a job'
  static help = [
    'Without flags: open work by kind, provider and lane, what runs with its leases, what is tried',
    'again, and dead letters. With --job everything that is kept of one job; with --at what failed',
    'around a moment.',
    '',
    '```',
    '{{ binaryName }} queue:debug --watch',
    '{{ binaryName }} queue:debug --job gen_…',
    '{{ binaryName }} queue:debug --at 2030-01-31T14:32:00Z --org org_…',
    '```',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.string({ description: 'The whole story of this job or generation' })
  declare job?: string

  @flags.string({ description: 'What failed around this moment' })
  declare at?: string

  @flags.number({ description: 'Minutes before and after --at', default: WITHIN_MINUTES })
  declare within: number

  @flags.string({ description: 'Of this organisation, with --job or --at' })
  declare org?: string

  @flags.string({ description: 'At this provider, with --at' })
  declare provider?: string

  @flags.boolean({ description: 'Show it again every two seconds, until Ctrl-C' })
  declare watch: boolean

  @flags.boolean({ description: 'Print JSON' })
  declare json: boolean

  async run() {
    if (this.job === '') return this.#refuse('Name a job or generation: --job=gen_…')
    if (!(this.within > 0)) return this.#refuse('--within must be a number of minutes.')
    const show = this.job
      ? () => this.#story(this.job!)
      : this.at === undefined
        ? () => this.#state()
        : () => this.#failures(this.at!)
    if (!this.watch) return show()
    for (;;) {
      if (!this.json && process.stdout.isTTY) process.stdout.write('\u001B[2J\u001B[H')
      await show()
      if (this.exitCode) return
      await wait(WATCH_MS)
    }
  }

  async #state() {
    const { queueQuery } = await import('#app/jobs/queries/queue_query')
    const { lanesQuery } = await import('#app/jobs/queries/lanes_query')
    const { deadLettersQuery } = await import('#app/jobs/queries/dead_letters_query')
    const { queueText } = await import('#app/jobs/format/queue_text')
    const [queue, lanes, dead] = await Promise.all([
      queueQuery({ limit: SHOWN }),
      lanesQuery({ limit: SHOWN }),
      deadLettersQuery({}, { limit: SHOWN }),
    ])
    const state = { at: new Date(), ...queue, lanes, dead: dead.letters }
    this.#say(state, () => queueText(state))
  }

  async #story(id: string) {
    const { FlightRecorder } = await import('#app/jobs/queries/flight_recorder')
    const { flightText } = await import('#app/jobs/format/flight_text')
    const recorder = await this.app.container.make(FlightRecorder)
    const flight = await recorder.handle(id, this.org)
    if (!flight) return this.#refuse(`There is no job or generation ${id}.`)
    this.#say(flight, () => flightText(flight))
  }

  async #failures(text: string) {
    const { readInstant } = await import('#app/billing/validators/spans')
    const { failuresQuery } = await import('#app/jobs/queries/failures_query')
    const { failuresText } = await import('#app/jobs/format/failures_text')
    const at = readInstant(text)
    if (!at) {
      return this.#refuse(`"${text}" is no instant. Write one such as 2030-01-31T14:32:00Z.`)
    }
    const span = this.within * 60_000
    const failures = await failuresQuery({
      from: new Date(at.getTime() - span),
      until: new Date(at.getTime() + span),
      accountId: this.org,
      provider: this.provider,
      limit: SHOWN * 10,
    })
    this.#say(failures, () => failuresText(failures, this.within))
  }

  #say(facts: unknown, text: () => string) {
    if (!this.json) return this.logger.log(text())
    this.logger.log(
      JSON.stringify(facts, (_name, value) => (typeof value === 'bigint' ? String(value) : value))
    )
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}
