import type { ApplicationService } from '@adonisjs/core/types'
import { Bus } from '#adapters/bus/bus'
import { PostgresBus } from '#adapters/bus/postgres_bus'
import { RedisBus } from '#adapters/bus/redis_bus'
import { PostgresAccountClock } from '#adapters/ledger/postgres_account_clock'
import { PostgresLedger } from '#adapters/ledger/postgres_ledger'
import { PostgresPlans } from '#adapters/plans/postgres_plans'
import { Sql } from '#adapters/postgres/sql'
import { PostgresJobQueue } from '#adapters/queue/postgres_job_queue'
import { PostgresMeteredJobs } from '#adapters/queue/postgres_metered_jobs'
import { PostgresQuota } from '#adapters/quota/postgres_quota'
import { PostgresStreams } from '#adapters/streams/postgres_streams'
import { PostgresUsageRetention } from '#adapters/usage/postgres_usage_retention'
import { AccountClock } from '#core/ledger/account_clock'
import { Ledger } from '#core/ledger/ledger'
import { Plans } from '#core/plans/plans'
import { PluginRegistry } from '#core/plugins/registry'
import { PriceBook } from '#core/prices/price_book'
import { JobQueue } from '#core/queue/job_queue'
import { MeteredJobs } from '#core/queue/metered_jobs'
import { Quota } from '#core/quota/quota'
import { Streams } from '#core/streams/streams'
import { UsageRetention } from '#core/usage/usage_retention'

/** Where each contract meets its keeper. */
export default class CoreProvider {
  constructor(private readonly app: ApplicationService) {}

  register() {
    const { container } = this.app
    container.singleton(Sql, async (make) => new Sql(await make.make('lucid.db')))
    container.singleton(Bus, () => this.#bus())
    container.singleton(Ledger, async (make) => new PostgresLedger(await make.make(Sql)))
    container.singleton(
      AccountClock,
      async (make) => new PostgresAccountClock(await make.make(Sql))
    )
    container.singleton(
      MeteredJobs,
      async (make) => new PostgresMeteredJobs(await make.make(Sql), await make.make(Bus))
    )
    container.singleton(
      JobQueue,
      async (make) => new PostgresJobQueue(await make.make(Sql), await make.make(Bus))
    )
    container.singleton(PostgresStreams, async (make) => {
      return new PostgresStreams(await make.make(Sql), await make.make(Bus))
    })
    container.singleton(Streams, (make) => make.make(PostgresStreams))
    container.singleton(Quota, async (make) => {
      const { default: rules } = await import('#config/quota')
      return new PostgresQuota(await make.make(Sql), rules)
    })
    container.singleton(Plans, async (make) => {
      const { default: plans } = await import('#config/plans')
      return new PostgresPlans(await make.make(Sql), plans)
    })
    container.singleton(
      UsageRetention,
      async (make) => new PostgresUsageRetention(await make.make('lucid.db'))
    )
    container.singleton(PriceBook, async () => {
      const { default: policy } = await import('#config/price_book')
      return new PriceBook(policy)
    })
    container.singleton(PluginRegistry, () => this.#registry())
  }

  async boot() {
    // A wrong manifest or plan stops the boot, not the first request.
    await this.app.container.make(PluginRegistry)
    await this.app.container.make(Plans)
  }

  async shutdown() {
    const registry = await this.app.container.make(PluginRegistry)
    await registry.close()
    const bus = await this.app.container.make(Bus)
    await bus.close()
  }

  async #bus(): Promise<Bus> {
    const { default: env } = await import('#start/env')
    const logger = await this.app.container.make('logger')
    return env.get('REDIS_URL')
      ? new RedisBus(await this.app.container.make('redis'), logger)
      : new PostgresBus(env.get('DATABASE_URL'), logger)
  }

  async #registry(): Promise<PluginRegistry> {
    const { default: env } = await import('#start/env')
    const { default: plugins } = await import('#config/plugins')
    return new PluginRegistry({
      plugins,
      environment: process.env,
      production: this.app.inProduction,
      enabled: (env.get('ENABLE_PLUGINS') ?? '').split(',').map((id) => id.trim()),
      tools: { logger: await this.app.container.make('logger'), now: () => new Date() },
    })
  }
}
