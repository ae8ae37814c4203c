import type { ApplicationService } from '@adonisjs/core/types'
import { Bus } from '#adapters/bus/bus'
import { PostgresStreams } from '#adapters/streams/postgres_streams'
import { TransmitFanout } from '#adapters/streams/transmit_fanout'
import { JobQueue } from '#core/queue/job_queue'
import { MeteredJobs } from '#core/queue/metered_jobs'
import { Worker } from '#core/queue/worker'
import type { Scheduler } from '#core/schedule/scheduler'
import { Streams } from '#core/streams/streams'

/** Starts and stops what runs beside the requests: the bus, the fan-out, the worker, the scheduler. */
export default class PlatformProvider {
  #worker: Worker | null = null
  #scheduler: Scheduler | null = null

  constructor(private readonly app: ApplicationService) {}

  async start() {
    if (this.app.getMode() === 'warmup') return
    const { prepareDatabase } = await import('#database/prepare')
    await prepareDatabase(this.app, await this.app.container.make('lucid.db'))
  }

  async ready() {
    if (this.app.getEnvironment() === 'console' || this.app.getEnvironment() === 'repl') return
    const { endEventStreams } = await import('#app/generations/event_stream')
    // An open stream would keep the server from closing.
    this.app.terminating(endEventStreams)
    const bus = await this.app.container.make(Bus)
    await bus.connect()
    const transmit = await this.app.container.make('transmit')
    new TransmitFanout(transmit, await this.app.container.make(PostgresStreams)).start()
    const { default: env } = await import('#start/env')
    if (env.get('WORKER') === 'inline') await this.#startWorker()
  }

  async shutdown() {
    await Promise.all([this.#worker?.stop(), this.#scheduler?.stop()])
    const { keyRing } = await import('#app/identity/key_ring')
    await keyRing.flush()
  }

  async #startWorker() {
    const { RunGenerationJob } = await import('#app/generations/jobs/run_generation_job')
    const { default: settings } = await import('#config/worker')
    const { container } = this.app
    this.#worker = new Worker({
      queue: await container.make(JobQueue),
      metered: await container.make(MeteredJobs),
      streams: await container.make(Streams),
      handlers: [await container.make(RunGenerationJob)],
      settings,
      logger: await container.make('logger'),
    })
    this.#worker.start()
    const { makeScheduler } = await import('#start/scheduler')
    this.#scheduler = await makeScheduler(this.app)
    this.#scheduler.start()
  }
}
