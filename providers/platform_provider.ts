import type { ApplicationService } from '@adonisjs/core/types'
import { Bus } from '#adapters/bus/bus'
import { PostgresProviderHealth } from '#adapters/plugins/postgres_provider_health'
import { PostgresSuspensions } from '#adapters/plugins/postgres_suspensions'
import { PostgresPriceArchive } from '#adapters/prices/postgres_price_archive'
import { PostgresBudgets } from '#adapters/quota/postgres_budgets'
import { PostgresStreams } from '#adapters/streams/postgres_streams'
import { CloudTasks } from '#adapters/queue/cloud_tasks'
import { TaskRelay } from '#adapters/queue/task_relay'
import { TransmitFanout } from '#adapters/streams/transmit_fanout'
import { Books } from '#core/ledger/evidence/books'
import { Notary } from '#core/ledger/evidence/notary'
import { RootArchive } from '#core/ledger/evidence/root_archive'
import { RootKey } from '#core/ledger/evidence/signed_root'
import { Notices } from '#core/notices/notices'
import { ProviderHealth } from '#core/plugins/provider_health'
import { ProviderPace } from '#core/plugins/provider_pace'
import { PluginRegistry } from '#core/plugins/registry'
import { JobQueue } from '#core/queue/job_queue'
import { MeteredJobs } from '#core/queue/metered_jobs'
import { DirectHolds } from '#core/ledger/direct_holds'
import { Ledger } from '#core/ledger/ledger'
import { Worker, type Sweep } from '#core/queue/worker'
import type { Scheduler } from '#core/schedule/scheduler'
import { Cuts } from '#core/streams/cuts'
import { Streams } from '#core/streams/streams'

/** Starts and stops what runs beside the requests: the bus, the fan-out, the worker, the scheduler, the notary. */
export default class PlatformProvider {
  #worker: Worker | null = null
  #relay: TaskRelay | null = null
  #prices: PostgresPriceArchive | null = null
  #suspensions: PostgresSuspensions | null = null
  #health: PostgresProviderHealth | null = null
  #notary: Notary | null = null
  #scheduler: Scheduler | null = null

  constructor(private readonly app: ApplicationService) {}

  register() {
    this.app.container.singleton(Worker, () => this.#makeWorker())
  }

  async start() {
    if (this.app.getMode() === 'warmup') return
    const { prepareDatabase } = await import('#database/prepare')
    await prepareDatabase(this.app, await this.app.container.make('lucid.db'))
    const budgets = await this.app.container.make(PostgresBudgets)
    await budgets.open()
    this.#prices = await this.app.container.make(PostgresPriceArchive)
    await this.#prices.open()
    this.#suspensions = await this.app.container.make(PostgresSuspensions)
    await this.#suspensions.open()
    this.#health = await this.app.container.make(PostgresProviderHealth)
    await this.#health.follow()
    await this.#listen()
  }

  async ready() {
    if (this.app.getEnvironment() === 'console' || this.app.getEnvironment() === 'repl') return
    const { openStreams } = await import('#app/identity/open_streams')
    // An open stream would keep the server from closing.
    this.app.terminating(() => openStreams.endAll())
    openStreams.connect(await this.app.container.make(Cuts))
    const bus = await this.app.container.make(Bus)
    await bus.connect()
    const transmit = await this.app.container.make('transmit')
    const { liveStreams } = await import('#app/admin/live_streams')
    const streams = await this.app.container.make(PostgresStreams)
    new TransmitFanout(transmit, streams, (uid) => liveStreams.end(uid)).start()
    await this.#startRelay()
    const { default: env } = await import('#start/env')
    if (env.get('WORKER') !== 'inline') return
    await this.#startWorker()
    await this.#startNotary()
  }

  async shutdown() {
    await Promise.all([this.#worker?.stop(), this.#scheduler?.stop()])
    await this.#stopRelay()
    this.#prices?.close()
    this.#suspensions?.close()
    await this.#health?.stop()
    await this.#notary?.stop()
    const { keyRing } = await import('#app/identity/key_ring')
    await keyRing.flush()
  }

  /** Every process tells of the jobs that it makes, whether it works on any or not. */
  async #startRelay() {
    const { default: settings } = await import('#config/cloud_tasks')
    if (!settings) return
    this.#relay = await this.app.container.make(TaskRelay)
    this.#relay.start(await this.app.container.make(JobQueue))
  }

  async #stopRelay() {
    if (!this.#relay) return
    await this.#relay.stop()
    const tasks = await this.app.container.make(CloudTasks)
    await tasks.close()
  }

  /** In every process that may be the first to see a notice, an ace command included. */
  async #listen() {
    const { TellWebhooks } = await import('#app/webhooks/actions/tell_webhooks')
    const notices = await this.app.container.make(Notices)
    const tell = await this.app.container.make(TellWebhooks)
    notices.subscribe((notice) => tell.notice(notice))
  }

  async #makeWorker(): Promise<Worker> {
    const { makeJobHandlers } = await import('#start/job_handlers')
    const { makeClaimLimits, makeProviderRoom } = await import('#start/claim_limits')
    const { default: settings } = await import('#config/worker')
    const { container } = this.app
    const handlers = await makeJobHandlers(this.app)
    const { plugins } = await container.make(PluginRegistry)
    const health = await container.make(ProviderHealth)
    const room = makeProviderRoom(plugins, health, await container.make(ProviderPace))
    return new Worker({
      sweeps: await this.#sweeps(),
      queue: await container.make(JobQueue),
      metered: await container.make(MeteredJobs),
      streams: await container.make(Streams),
      handlers,
      limits: makeClaimLimits(handlers, room),
      settings,
      logger: await container.make('logger'),
    })
  }

  async #startWorker() {
    const worker = await this.app.container.make(Worker)
    worker.start()
    this.#worker = worker
    // Jobs that were pushed are requests under way, which would keep the server from closing.
    const queue = await this.app.container.make(JobQueue)
    if (queue.delivery === 'push') this.app.terminating(() => worker.stop())
    const { default: env } = await import('#start/env')
    if (env.get('SCHEDULER') === 'off') return
    const { makeScheduler } = await import('#start/scheduler')
    this.#scheduler = await makeScheduler(this.app)
    this.#scheduler.start()
  }

  /** What was left half way or open, and is ended by whichever worker looks first. */
  async #sweeps(): Promise<Sweep[]> {
    const { MergeAccounts } = await import('#app/billing/actions/merge_accounts')
    const { AdmitWaiting } = await import('#app/generations/actions/admit_waiting')
    const { FallBack } = await import('#app/generations/actions/fall_back')
    const admit = await this.app.container.make(AdmitWaiting)
    const fallBack = await this.app.container.make(FallBack)
    const holds = await this.app.container.make(DirectHolds)
    const ledger = await this.app.container.make(Ledger)
    const merge = await this.app.container.make(MergeAccounts)
    return [
      { name: 'waiting generations', everyMs: 1_000, due: (limit) => admit.due(limit) },
      { name: 'fallbacks', everyMs: 1_000, due: (limit) => fallBack.due(limit) },
      {
        name: 'direct holds',
        due: async (limit) => {
          const due = await holds.due(limit)
          return due.map((ref) => () => holds.expire(ref))
        },
      },
      {
        name: 'transfers',
        due: async (limit) => {
          const underWay = await ledger.transfersUnderWay(limit)
          return underWay.map((transfer) => () => merge.finish(transfer))
        },
      },
    ]
  }

  async #startNotary() {
    const { default: settings } = await import('#config/ledger')
    const { container } = this.app
    this.#notary = new Notary({
      books: await container.make(Books),
      archive: await container.make(RootArchive),
      key: await container.make(RootKey),
      logger: await container.make('logger'),
    })
    this.#notary.start(settings.signEvery)
  }
}
