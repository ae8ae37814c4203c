import type { ApplicationService } from '@adonisjs/core/types'
import { Bus } from '#adapters/bus/bus'
import { PostgresBus } from '#adapters/bus/postgres_bus'
import { RedisBus } from '#adapters/bus/redis_bus'
import { PostgresNotices } from '#adapters/notices/postgres_notices'
import { PostgresDirectHolds } from '#adapters/ledger/postgres_direct_holds'
import { DriveRootArchive } from '#adapters/ledger/drive_root_archive'
import { PostgresBooks } from '#adapters/ledger/postgres_books'
import { PostgresAccountClock } from '#adapters/ledger/postgres_account_clock'
import { PostgresLedger } from '#adapters/ledger/postgres_ledger'
import { PostgresProviderHealth } from '#adapters/plugins/postgres_provider_health'
import { PostgresProviderPace } from '#adapters/plugins/postgres_provider_pace'
import { PostgresSuspensions } from '#adapters/plugins/postgres_suspensions'
import { PostgresPlans } from '#adapters/plans/postgres_plans'
import { Sql } from '#adapters/postgres/sql'
import { PostgresPriceArchive } from '#adapters/prices/postgres_price_archive'
import { CloudTasks } from '#adapters/queue/cloud_tasks'
import { CloudTasksJobQueue } from '#adapters/queue/cloud_tasks_job_queue'
import { PostgresJobQueue } from '#adapters/queue/postgres_job_queue'
import { PostgresMeteredJobs } from '#adapters/queue/postgres_metered_jobs'
import { TaskOutbox } from '#adapters/queue/task_outbox'
import { TaskRelay } from '#adapters/queue/task_relay'
import { PostgresBudgets } from '#adapters/quota/postgres_budgets'
import { PostgresQuota } from '#adapters/quota/postgres_quota'
import { PostgresRefusalLog } from '#adapters/quota/postgres_refusal_log'
import { BusCuts } from '#adapters/streams/bus_cuts'
import { PostgresStreams } from '#adapters/streams/postgres_streams'
import { Credits } from '#core/ledger/credits'
import { DirectHolds } from '#core/ledger/direct_holds'
import { Books } from '#core/ledger/evidence/books'
import { RootArchive } from '#core/ledger/evidence/root_archive'
import { RootKey } from '#core/ledger/evidence/signed_root'
import { Notices } from '#core/notices/notices'
import { GuardedVendorHttp } from '#adapters/vendors/guarded_vendor_http'
import { VendorCredentials } from '#adapters/vendors/vendor_credentials'
import { PostgresUsageRetention } from '#adapters/usage/postgres_usage_retention'
import { AccountClock } from '#core/ledger/account_clock'
import { Ledger } from '#core/ledger/ledger'
import { Plans } from '#core/plans/plans'
import { ProviderHealth } from '#core/plugins/provider_health'
import { ProviderPace } from '#core/plugins/provider_pace'
import { Suspensions } from '#core/plugins/suspensions'
import { PluginRegistry } from '#core/plugins/registry'
import { PriceArchive } from '#core/prices/price_archive'
import { JobQueue } from '#core/queue/job_queue'
import { MeteredJobs } from '#core/queue/metered_jobs'
import { NoTaskSender, TaskSender } from '#core/queue/task_sender'
import { Budgets, budgetsProblem } from '#core/quota/budgets'
import { Quota } from '#core/quota/quota'
import { RefusalLog } from '#core/quota/refusal_log'
import { Cuts } from '#core/streams/cuts'
import { Streams } from '#core/streams/streams'
import { UsageRetention } from '#core/usage/usage_retention'

/** Where each contract meets its keeper. */
export default class CoreProvider {
  constructor(private readonly app: ApplicationService) {}

  register() {
    const { container } = this.app
    container.singleton(Sql, async (make) => new Sql(await make.make('lucid.db')))
    container.singleton(Bus, () => this.#bus())
    container.singleton(
      Ledger,
      async (make) => new PostgresLedger(await make.make(Sql), await this.#looker())
    )
    container.singleton(Notices, async (make) => {
      const { default: settings } = await import('#config/notices')
      return new PostgresNotices(
        await make.make(Sql),
        async (accountId) => {
          const ledger = await container.make(Ledger)
          return ledger.verify(accountId)
        },
        { lowBalance: Credits.parse(settings.lowBalance) },
        await make.make('logger')
      )
    })
    container.singleton(
      DirectHolds,
      async (make) => new PostgresDirectHolds(await make.make(Sql), await make.make(Ledger))
    )
    container.singleton(Books, async (make) => new PostgresBooks(await make.make(Sql)))
    container.singleton(RootArchive, async (make) => {
      const drive = await make.make('drive.manager')
      return new DriveRootArchive(drive.use())
    })
    container.singleton(RootKey, async () => {
      const { loadLedgerKey } = await import('#start/ledger_key')
      return loadLedgerKey()
    })
    container.singleton(
      AccountClock,
      async (make) => new PostgresAccountClock(await make.make(Sql))
    )
    container.singleton(
      MeteredJobs,
      async (make) =>
        new PostgresMeteredJobs(await make.make(Sql), await make.make(Bus), await this.#looker())
    )
    container.singleton(CloudTasks, async () => new CloudTasks((await this.#cloudTasks())!))
    container.singleton(
      TaskRelay,
      async (make) =>
        new TaskRelay({
          outbox: new TaskOutbox(await make.make(Sql)),
          tasks: await make.make(CloudTasks),
          logger: await make.make('logger'),
        })
    )
    container.singleton(JobQueue, async (make) => {
      const sql = await make.make(Sql)
      const bus = await make.make(Bus)
      return (await this.#cloudTasks())
        ? new CloudTasksJobQueue(sql, bus, await make.make(TaskRelay))
        : new PostgresJobQueue(sql, bus)
    })
    container.singleton(TaskSender, () => this.#taskSender())
    container.singleton(PostgresStreams, async (make) => {
      return new PostgresStreams(await make.make(Sql), await make.make(Bus))
    })
    container.singleton(Streams, (make) => make.make(PostgresStreams))
    container.singleton(Cuts, async (make) => new BusCuts(await make.make(Bus)))
    container.singleton(Quota, async (make) => {
      const { default: rules } = await import('#config/quota')
      return new PostgresQuota(await make.make(Sql), rules)
    })
    container.singleton(PostgresBudgets, async (make) => {
      const { budgets, budgetZone } = await import('#config/quota')
      const problem = budgetsProblem(budgets, budgetZone)
      if (problem) throw new Error(`config/quota.ts: ${problem}`)
      return new PostgresBudgets(await make.make(Sql), budgets, budgetZone)
    })
    container.singleton(Budgets, (make) => make.make(PostgresBudgets))
    container.singleton(Plans, async (make) => {
      const { default: plans } = await import('#config/plans')
      return new PostgresPlans(await make.make(Sql), plans)
    })
    container.singleton(
      UsageRetention,
      async (make) => new PostgresUsageRetention(await make.make('lucid.db'))
    )
    container.singleton(RefusalLog, async (make) => {
      return new PostgresRefusalLog(
        await make.make(Sql),
        await make.make('logger'),
        await this.#looker()
      )
    })
    container.singleton(PostgresPriceArchive, () => this.#priceArchive())
    container.singleton(PriceArchive, (make) => make.make(PostgresPriceArchive))
    container.singleton(PostgresSuspensions, async (make) => {
      const [sql, bus] = [await make.make(Sql), await make.make(Bus)]
      return new PostgresSuspensions(sql, bus, await make.make('logger'))
    })
    container.singleton(Suspensions, (make) => make.make(PostgresSuspensions))
    container.singleton(PostgresProviderHealth, async (make) => {
      const [sql, bus] = [await make.make(Sql), await make.make(Bus)]
      return new PostgresProviderHealth(sql, bus, await make.make('logger'))
    })
    container.singleton(ProviderHealth, (make) => make.make(PostgresProviderHealth))
    container.singleton(
      ProviderPace,
      async (make) => new PostgresProviderPace(await make.make(Sql))
    )
    container.singleton(PluginRegistry, () => this.#registry())
  }

  async boot() {
    // A wrong manifest, price or plan stops the boot, not the first request.
    await this.app.container.make(PluginRegistry)
    await this.app.container.make(PriceArchive)
    await this.app.container.make(Budgets)
    await this.app.container.make(Plans)
  }

  async shutdown() {
    const refusals = await this.app.container.make(RefusalLog)
    await refusals.flush()
    const notices = await this.app.container.make(Notices)
    await notices.flush()
    const registry = await this.app.container.make(PluginRegistry)
    await registry.close()
    const bus = await this.app.container.make(Bus)
    await bus.close()
  }

  /** Tells the notices whose credits moved. Asked for late: they need the ledger, too. */
  async #looker() {
    const { container } = this.app
    const notices = await container.make(Notices)
    return (accountId: string) => notices.look(accountId)
  }

  async #cloudTasks() {
    const { default: settings } = await import('#config/cloud_tasks')
    return settings
  }

  async #taskSender(): Promise<TaskSender> {
    const settings = await this.#cloudTasks()
    if (!settings) return new NoTaskSender()
    const { OidcTaskSender } = await import('#adapters/queue/oidc_task_sender')
    return new OidcTaskSender(settings)
  }

  async #bus(): Promise<Bus> {
    const { default: env } = await import('#start/env')
    const logger = await this.app.container.make('logger')
    return env.get('REDIS_URL')
      ? new RedisBus(await this.app.container.make('redis'), logger)
      : new PostgresBus(env.get('DATABASE_URL'), logger)
  }

  async #priceArchive(): Promise<PostgresPriceArchive> {
    const { default: pages } = await import('#config/price_book')
    const { readConfiguredBook } = await import('#core/prices/read_book_page')
    const { container } = this.app
    const registry = await container.make(PluginRegistry)
    return new PostgresPriceArchive({
      sql: await container.make(Sql),
      bus: await container.make(Bus),
      configured: readConfiguredBook(pages),
      models: () => registry.models(),
      logger: await container.make('logger'),
    })
  }

  async #registry(): Promise<PluginRegistry> {
    const { default: env } = await import('#start/env')
    const { default: plugins } = await import('#config/plugins')
    const { fakeVendorWeb, vendorWeb } = await import('#app/outbound/vendor_web')
    return new PluginRegistry({
      plugins,
      environment: process.env,
      production: this.app.inProduction,
      enabled: (env.get('ENABLE_PLUGINS') ?? '').split(',').map((id) => id.trim()),
      tools: { logger: await this.app.container.make('logger'), now: () => new Date() },
      reach: ({ title, auth, secrets, fake, ...vendor }) =>
        new GuardedVendorHttp({
          ...vendor,
          vendor: title,
          fake,
          credentials: new VendorCredentials(auth, secrets),
          web: fake ? fakeVendorWeb() : vendorWeb(),
        }),
    })
  }
}
