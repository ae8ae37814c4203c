import { BaseCommand, flags } from '@adonisjs/core/ace'
import type { CommandOptions } from '@adonisjs/core/types/ace'
import type { QueuePace, QueueReport } from '#adapters/queue/cloud_tasks_queues'

/** What one queue does at most: a margin below Google's 500 a second, and its 5,000 at once. */
const FASTEST = 400
const MOST_AT_ONCE = 5_000
const DEFAULT_AT_ONCE = 1_000

export default class CloudTasksSetup extends BaseCommand {
  static commandName = 'cloud-tasks:setup'
  static description =
    'Make the queues at Google Cloud Tasks, or change them to what they should be'
  static help = [
    'Reads CLOUD_TASKS_PROJECT, _LOCATION, _QUEUE and _SHARDS, with Google’s own credentials',
    '(GOOGLE_APPLICATION_CREDENTIALS, or those of the machine; it takes roles/cloudtasks.queueAdmin).',
    'Run it again whenever you like: what is as it should be is left alone.',
    '',
    '```',
    '{{ binaryName }} cloud-tasks:setup --dry-run',
    '{{ binaryName }} cloud-tasks:setup --rate 800 --concurrency 2000',
    '```',
    '',
    'One queue pushes 400 tasks a second, so that a higher rate takes more of them: CLOUD_TASKS_SHARDS.',
    'A queue that is no longer used pushes what it still has; delete it when it is empty.',
  ]
  static options: CommandOptions = { startApp: true }

  @flags.number({
    description: 'Tasks a second that are pushed at most, in all. Default: 400 a queue',
  })
  declare rate?: number

  @flags.number({
    description: 'Tasks at once that are pushed at most, in all. Default: 1000 a queue',
  })
  declare concurrency?: number

  @flags.boolean({ description: 'Say what would be done, and do nothing' })
  declare dryRun: boolean

  @flags.boolean({ description: 'Print the outcome as JSON' })
  declare json: boolean

  async run() {
    const { default: settings } = await import('#config/cloud_tasks')
    if (!settings) {
      return this.#refuse(
        'QUEUE_DRIVER is not cloud_tasks. Set it with the variables of Cloud Tasks, as .env.example has them, and run this again.'
      )
    }
    const pace = this.#pace(settings.shards)
    if (!pace) return
    const { CloudTasks } = await import('#adapters/queue/cloud_tasks')
    const { CloudTasksQueues } = await import('#adapters/queue/cloud_tasks_queues')
    const tasks = new CloudTasks(settings)
    const queues = new CloudTasksQueues(tasks)
    try {
      const reports = await (this.dryRun ? queues.plan(pace) : queues.apply(pace))
      this.#tell(reports, pace)
    } catch (error) {
      const { details, message } = error as { details?: string; message: string }
      this.#refuse(
        `Google Cloud Tasks refused (${details ?? message}). Check the project, the location and the credentials, and that the Cloud Tasks API is on. Running this again goes on where it stopped.`
      )
    } finally {
      await tasks.close()
    }
  }

  /** For one queue. */
  #pace(shards: number): QueuePace | null {
    const rate = this.rate ?? FASTEST * shards
    const concurrency = this.concurrency ?? DEFAULT_AT_ONCE * shards
    if (!(rate > 0)) this.#refuse('--rate must be above zero.')
    else if (!(Number.isInteger(concurrency) && concurrency >= shards)) {
      this.#refuse(
        `--concurrency must be a whole number, at least one for each of ${shards} queues.`
      )
    } else if (rate > FASTEST * shards) {
      this.#refuse(
        `${rate} tasks a second take ${Math.ceil(rate / FASTEST)} queues: set CLOUD_TASKS_SHARDS, now ${shards}, and run this again.`
      )
    } else if (concurrency > MOST_AT_ONCE * shards) {
      this.#refuse(
        `${concurrency} tasks at once take ${Math.ceil(concurrency / MOST_AT_ONCE)} queues: set CLOUD_TASKS_SHARDS, now ${shards}, and run this again.`
      )
    } else {
      return { perSecond: rate / shards, atOnce: Math.floor(concurrency / shards) }
    }
    return null
  }

  #tell(reports: QueueReport[], pace: QueuePace) {
    if (this.json) {
      const queues = reports.map(({ isPaused, ...report }) => ({ ...report, paused: isPaused }))
      return this.logger.log(JSON.stringify({ dry_run: Boolean(this.dryRun), queues }, null, 2))
    }
    for (const { name, change, differences, isPaused } of reports) {
      const done = this.dryRun ? 'would be ' : ''
      if (change === 'create') {
        this.logger.log(`${name}: ${done}made, ${pace.perSecond} tasks/s, ${pace.atOnce} at once`)
      } else if (change === 'update') {
        this.logger.log(`${name}: ${done}changed, ${differences.join(', ')}`)
      } else this.logger.log(`${name}: is as it should be`)
      if (isPaused) this.logger.warning(`${name} is paused: its tasks wait until you resume it.`)
    }
  }

  #refuse(message: string) {
    this.logger.error(message)
    this.exitCode = 1
  }
}
